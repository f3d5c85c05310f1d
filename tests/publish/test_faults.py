"""Killed publishers and killed databases: readers keep the old release, the next run completes."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include import serving
from include.lake import Lake
from include.publish import binary, build, pointer, publication, retention
from local import postgres
from local.postgres import Cluster
from tests import servers
from tests.publish import invented, killed
from tests.publish.invented import DAY
from tests.small_disk import small_postgres

pytestmark = pytest.mark.slow

STAGES = (
    "build.create_partitions",
    "after:build.copy_products",
    "after:build.copy_bands",
    "after:build.add_keys",
    "after:build.attach_partitions",
    "after:build.mark_ready",
    "pointer._move",
    "after:pointer._move",
    "after:pointer.make_live",
)


def _publish(connection: psycopg.Connection, lake: Lake, by: str) -> publication.Published:
    (published,) = publication.publish(connection, lake, [DAY], by=by)
    return published


def _kill_at(stage: str, dsn: str, lake: Lake, endpoint: str) -> None:
    command = [sys.executable, "-m", "tests.publish.killed", stage, dsn, endpoint, lake.bucket]
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


def _small(lake: Lake) -> None:
    invented.lay(lake, products=[invented.product(0)], genders=("unknown",))


def _whole(connection: psycopg.Connection) -> int:
    """The live release as readers see it: complete, and one."""
    rows = connection.execute(
        """
        SELECT DISTINCT product.release_id, status.rows = (SELECT count(*) FROM otto.size_table)
        FROM otto.product AS product
        JOIN otto.release_status AS status ON status.release_id = product.release_id AND status.state = 'live'
        """
    ).fetchall()
    assert len(rows) == 1
    assert rows[0][1] is True
    return rows[0][0]


def _orphans(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'otto'::REGNAMESPACE AND relkind = 'r' AND relname ~ '_[0-9]+$'
            AND substring(relname FROM '[0-9]+$')::BIGINT NOT IN (
                SELECT release_id FROM otto.release WHERE state IN ('ready', 'withdrawn')
            )
        """
    ).fetchall()
    return [name for (name,) in rows]


@pytest.mark.parametrize("stage", STAGES)
def test_a_publisher_killed_at_any_stage_harms_nobody(
    stage: str, serving_dsn: str, rds: psycopg.Connection, lake: Lake, s3_endpoint: str
) -> None:
    _small(lake)
    before = _publish(rds, lake, "before").release_id
    _kill_at(stage, serving_dsn, lake, s3_endpoint)
    moved = stage == "after:pointer.make_live"
    assert _whole(rds) == (before + 1 if moved else before)
    after = _publish(rds, lake, "after")
    assert after.live
    assert _whole(rds) == after.release_id
    retention.sweep(rds)
    assert _orphans(rds) == []
    assert rds.execute("SELECT count(*) FROM otto.release WHERE state = 'building'").fetchone() == (0,)


@pytest.mark.parametrize("stage", ["retention._drop", "retention._detach", "after:retention._detach"])
def test_a_publisher_killed_while_it_retires_leaves_its_work_to_the_next(
    stage: str, serving_dsn: str, rds: psycopg.Connection, lake: Lake, s3_endpoint: str
) -> None:
    _small(lake)
    for run in range(retention.KEPT_RELEASES):
        _publish(rds, lake, f"run {run}")
    _kill_at(stage, serving_dsn, lake, s3_endpoint)
    assert len(_orphans(rds)) == 3
    _whole(rds)
    assert len(retention.sweep(rds)) == 3
    assert _orphans(rds) == []


def test_a_detach_cut_off_half_way_is_finished_by_the_sweep(
    serving_dsn: str, rds: psycopg.Connection, lake: Lake
) -> None:
    _small(lake)
    first = _publish(rds, lake, "one").release_id
    _publish(rds, lake, "two")
    with psycopg.connect(serving_dsn) as reader, serving.connect_to(serving_dsn) as cut:
        reader.execute(f"SELECT count(*) FROM otto.size_band_{first}")
        reader.execute("SELECT count(*) FROM otto.size_band")
        cut.execute("SET lock_timeout = '300ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            cut.execute(f"ALTER TABLE otto.size_band DETACH PARTITION otto.size_band_{first} CONCURRENTLY")
    rds.execute("UPDATE otto.release SET state = 'retired' WHERE release_id = %s", [first])
    assert len(retention.sweep(rds)) == 3
    assert _orphans(rds) == []
    _whole(rds)


def test_a_reader_in_a_long_transaction_sees_one_release_and_delays_nobody(
    serving_dsn: str, rds: psycopg.Connection, lake: Lake
) -> None:
    _small(lake)
    first = _publish(rds, lake, "one").release_id
    with psycopg.connect(serving_dsn) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert reader.execute("SELECT DISTINCT release_id FROM otto.product").fetchall() == [(first,)]
        second = _publish(rds, lake, "two").release_id
        assert _whole(rds) == second
        seen = reader.execute("SELECT DISTINCT release_id FROM otto.size_table").fetchall()
        assert seen == [(first,)]


def test_postgresql_killed_during_copy_and_during_the_flip_comes_back_with_the_old_release(
    tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    _small(lake)
    cluster = postgres.prepare(tmp_path / "postgres", servers.free_port())
    with _server(cluster, tmp_path), serving.connect_to(cluster.dsn()) as connection:
        serving.migrate(connection)
        before = _publish(connection, lake, "before").release_id
    for stage in (_kill_during_copy, _kill_during_the_flip):
        with _server(cluster, tmp_path) as child, serving.connect_to(cluster.dsn()) as connection:
            assert _whole(connection) == before
            with monkeypatch.context() as patched:
                stage(patched, child)
                with pytest.raises(psycopg.OperationalError):
                    _publish(connection, lake, stage.__name__)
            assert child.wait(10) == -signal.SIGKILL
        with _server(cluster, tmp_path), serving.connect_to(cluster.dsn()) as connection:
            assert _whole(connection) == before
            before = _publish(connection, lake, stage.__name__).release_id  # the next try of the same run
            assert _whole(connection) == before
            assert _orphans(connection) == []


def _kill_during_copy(patched: pytest.MonkeyPatch, child: subprocess.Popen) -> None:
    encode = binary.encode

    def dying(*args: Any) -> Iterator[bytes]:
        header, rows, trailer = encode(*args)
        yield header + rows[: len(rows) // 2]
        servers.kill_all(child.pid)
        yield rows[len(rows) // 2 :] + trailer

    patched.setattr(binary, "encode", dying)


def _kill_during_the_flip(patched: pytest.MonkeyPatch, child: subprocess.Popen) -> None:
    move = pointer._move

    def dying(connection: psycopg.Connection, release_id: int) -> None:
        move(connection, release_id)
        servers.kill_all(child.pid)  # the pointer is moved and not yet committed

    patched.setattr(pointer, "_move", dying)


def _server(cluster: Cluster, folder: Path) -> contextlib.AbstractContextManager[subprocess.Popen]:
    return servers.process(cluster.command(), folder / "postgres.log", lambda: servers.answers(cluster.dsn()))


def test_a_full_disk_fails_the_release_and_room_lets_the_same_run_complete(tmp_path: Path, lake: Lake) -> None:
    _small(lake)
    with small_postgres(tmp_path, 160) as (cluster, ballast):
        with serving.connect_to(cluster.dsn()) as connection:
            serving.migrate(connection)
            before = _publish(connection, lake, "before").release_id
            products = [invented.product(number, size_run='["S", "M"]') for number in range(40)]
            invented.lay(lake, products=products, rows=_many_bands(40))
            connection.execute("CHECKPOINT")
            ballast.take(leaving_megabytes=1.5)
            with pytest.raises(psycopg.OperationalError, match="No space left"):
                _publish(connection, lake, "too large")
        ballast.drop()
        servers.wait_until(lambda: servers.answers(cluster.dsn()), "PostgreSQL with room")
        with serving.connect_to(cluster.dsn()) as connection:
            assert _whole(connection) == before
            after = _publish(connection, lake, "too large")
            assert after.live
            assert _whole(connection) == after.release_id
            assert _orphans(connection) == []
            assert connection.execute("SELECT count(*) FROM otto.release WHERE state = 'failed'").fetchone() == (1,)


def _many_bands(products: int) -> list[dict[str, Any]]:
    rows = invented.bands("musinsa", "1000000", "unknown", ["S", "M"])
    return [row | {"product_id": f"{1_000_000 + number}"} for number in range(products) for row in rows]


def test_every_deadly_stage_is_a_function_that_exists() -> None:
    for stage in STAGES:
        module_name, function = stage.removeprefix("after:").split(".")
        module = {"build": build, "pointer": pointer, "retention": retention}[module_name]
        assert callable(killed.deadly(getattr(module, function), after=False))
