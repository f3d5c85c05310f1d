"""A part of the stack for real: started, killed, started again, stopped. The whole of it is in test_whole_stack.py."""

import os
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from local import environment, postgres, s3
from tests.servers import wait_until
from tests.stack import RunningStack, running_stack, stack_of

pytestmark = pytest.mark.slow

_PART = ("--only", "postgres", "s3")


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """PostgreSQL and S3 under the supervisor."""
    with running_stack(tmp_path_factory.mktemp("part"), *_PART) as stack:
        yield stack


def _client(stack: RunningStack):
    secrets = stack.credentials
    return s3.client(stack.stack.url("s3"), secrets.s3_access_key, secrets.s3_secret_key)


def test_status_has_the_shape_that_other_programs_rely_on(part: RunningStack) -> None:
    found = part.status()
    assert set(found) == {"services", "databases", "release"}
    assert all(set(row) == {"name", "url", "healthy", "pid"} for row in found["services"])
    states = {row["name"]: (row["healthy"], row["pid"] is not None) for row in found["services"]}
    assert states["postgres"] == states["s3"] == (True, True)
    assert states["web"] == (False, False)
    assert found["databases"]["rds"] == f"postgresql://otto_reader@127.0.0.1:{part.ports['postgres']}/rds"
    assert found["databases"]["warehouse"].endswith(f":{part.ports['redshift']}/warehouse")
    assert found["release"] is None


def test_a_second_up_changes_no_process(part: RunningStack) -> None:
    before = [row["pid"] for row in part.status()["services"]]
    part.local("up", *_PART)
    assert [row["pid"] for row in part.status()["services"]] == before


def test_a_killed_service_comes_back_with_all_it_held(part: RunningStack) -> None:
    _client(part).put_object(Bucket="otto-lake", Key="kept", Body=b"value")
    killed = {name: part.kill(name) for name in ("postgres", "s3")}
    for name, pid in killed.items():
        part.wait_healthy(name, other_than=pid)
    assert _client(part).get_object(Bucket="otto-lake", Key="kept")["Body"].read() == b"value"
    assert {row[0] for row in _ask(part.dsn("rds"), "SELECT datname FROM pg_database")} >= {
        "airflow",
        "warehouse",
        "rds",
    }


def test_the_reader_needs_no_password_and_the_owners_do(part: RunningStack) -> None:
    assert _ask(part.dsn("rds"), "SELECT current_user") == [("otto_reader",)]
    secret = part.credentials.otto_publisher
    assert _ask(part.stack.dsn("rds", "otto_publisher", secret), "SELECT 1") == [(1,)]
    for role in ("otto_publisher", "otto_loader", "otto_airflow", "postgres"):
        with pytest.raises(psycopg.OperationalError, match=r"password"):
            psycopg.connect(part.stack.dsn("rds", role), connect_timeout=5, passfile="/nonexistent")


def test_the_reader_cannot_write_and_sees_new_tables_of_the_warehouse(part: RunningStack) -> None:
    direct = part.stack.dsn("rds", "otto_loader", part.credentials.otto_loader).replace("/rds", "/warehouse")
    with psycopg.connect(direct) as loader:
        loader.execute("CREATE TABLE core.later (n int)")
    reader = part.dsn("rds").replace("/rds", "/warehouse")
    assert _ask(reader, "SELECT count(*) FROM core.later") == [(0,)]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        _ask(reader, "INSERT INTO core.later VALUES (1)")
    # a reader that asks to write has no right to
    for statement in ("INSERT INTO core.later VALUES (1)", "CREATE TABLE public.mine (n int)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _ask(f"{reader}?options=-c%20default_transaction_read_only%3Doff", statement)


def test_an_owner_cannot_enter_another_owners_database(part: RunningStack) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(part.stack.dsn("rds", "otto_loader", part.credentials.otto_loader), connect_timeout=5)


def test_everything_listens_on_loopback_only(part: RunningStack) -> None:
    addresses = {
        connection.laddr.ip
        for process in part.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert addresses == {"127.0.0.1"}


def test_no_secret_stands_on_a_command_line_or_in_a_log_or_a_file_of_others(part: RunningStack) -> None:
    secrets = [value for value in vars(part.credentials).values() if len(value) > 8]
    lines = " ".join(" ".join(process.cmdline()) for process in part.processes())
    logs = "".join(path.read_text(errors="replace") for path in part.stack.logs.iterdir())
    assert not [secret for secret in secrets if secret in lines + logs]
    for name in ("secrets.json", "stack.json", "supervisord.conf"):
        assert stat.S_IMODE((part.state / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(part.stack.logs.stat().st_mode) == 0o700


def test_other_ports_for_a_running_stack_are_refused(part: RunningStack) -> None:
    other = RunningStack(part.state, part.ports | {"s3": part.ports["s3"] + 1}, part.log)
    done = other.local("up", *_PART, check=False)
    assert done.returncode == 1
    assert "make down" in done.stderr


def test_a_killed_supervisor_leaves_no_orphan_and_up_starts_afresh(tmp_path: Path) -> None:
    with running_stack(tmp_path, *_PART) as stack:
        _client(stack).put_object(Bucket="otto-lake", Key="kept", Body=b"value")
        marks = {process.pid: process.environ() for process in stack.processes()}
        supervisor = next(pid for pid, marks in marks.items() if marks.get(environment.SERVICE_MARK) == "supervisor")
        os.kill(supervisor, signal.SIGKILL)
        wait_until(lambda: not stack.processes(), "the end of every service", 30)
        stack.local("up", *_PART)
        assert _client(stack).get_object(Bucket="otto-lake", Key="kept")["Body"].read() == b"value"
        stack.local("down")
        assert stack.processes() == []


def test_down_and_up_keep_the_state_and_down_leaves_no_process(tmp_path: Path) -> None:
    with running_stack(tmp_path, *_PART) as stack:
        _client(stack).put_object(Bucket="otto-lake", Key="kept", Body=b"value")
        stack.local("down")
        assert stack.processes() == []
        assert not stack.stack.socket.exists()
        stack.local("down")  # once more is harmless
        stack.local("up", *_PART)
        assert _client(stack).get_object(Bucket="otto-lake", Key="kept")["Body"].read() == b"value"


def test_a_lock_file_of_a_killed_postgres_whose_process_id_is_in_use_again_does_not_stop_it(tmp_path: Path) -> None:
    with running_stack(tmp_path, "--only", "postgres") as stack:
        lock = stack.state / "postgres" / "postmaster.pid"
        text = lock.read_text(encoding="ascii")
        stack.local("down")
        # a process of PostgreSQL's own user: of another one it would see by itself that it is none of its
        as_its_user = ["setpriv", "--reuid", postgres.SYSTEM_USER, "--clear-groups"] if os.geteuid() == 0 else []
        with subprocess.Popen([*as_its_user, "sleep", "60"]) as stranger:
            try:
                lock.write_text(text.replace(text.split("\n")[0], str(stranger.pid), 1), encoding="ascii")
                stack.local("up", "--only", "postgres")
                assert stack.service("postgres")["healthy"]
            finally:
                stranger.kill()


def test_a_taken_port_is_an_error_that_names_port_service_and_setting(tmp_path: Path) -> None:
    stack = stack_of(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", stack.ports["s3"]))
        other.listen()
        done = stack.local("up", *_PART, check=False)
    assert done.returncode == 1
    assert f"port {stack.ports['s3']}" in done.stderr
    assert "s3 needs it" in done.stderr
    assert "OTTO_S3_PORT" in done.stderr
    assert "Traceback" not in done.stderr
    assert stack.processes() == []


def test_an_unknown_service_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    done = stack_of(tmp_path).local("up", "--only", "redis", check=False)
    assert (done.returncode, "airflow-scheduler" in done.stderr) == (1, True)


def test_clean_asks_and_removes_only_a_stack(tmp_path: Path) -> None:
    with running_stack(tmp_path, "--only", "s3") as stack:
        refused = stack.local("clean", check=False)
        assert refused.returncode == 1
        assert stack.state.exists()
        stack.local("clean", "--yes")
        assert stack.processes() == []
        assert not stack.state.exists()
        stack.state.mkdir()
        (stack.state / "letter").write_text("dear", encoding="utf-8")
        stack.local("clean", "--yes")
        assert (stack.state / "letter").exists()


def test_logs_shows_the_log_of_a_service(part: RunningStack) -> None:
    assert "database system is ready" in part.local("logs", "postgres", "--no-follow").stdout
    assert "airflow-web" not in part.local("logs", "airflow-web", "--no-follow", check=False).stdout


def test_a_state_folder_with_a_long_path_works(tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 20)
    folder.mkdir()
    with running_stack(folder, "--only", "s3") as stack:
        assert stack.service("s3")["healthy"]
        socket_folder = stack.stack.socket.parent
        assert socket_folder != stack.state
        stack.local("down")
        assert not socket_folder.exists()


def _ask(dsn: str, statement: str) -> list[tuple]:
    with psycopg.connect(dsn, connect_timeout=5) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []
