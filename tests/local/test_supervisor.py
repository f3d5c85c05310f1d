"""The supervisor's configuration."""

import configparser
from pathlib import Path

import pytest

from local import supervisor
from local.credentials import credentials
from local.services import BY_NAME
from local.stack import DEFAULT_PORTS, Stack


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path / "a % folder", DEFAULT_PORTS)


def _parsed(stack: Stack) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(supervisor.configuration(stack))
    return parser


def test_every_service_is_a_program_that_starts_when_told_restarts_and_stops_as_a_group(stack: Stack) -> None:
    parsed = _parsed(stack)
    programs = [name for name in parsed.sections() if name.startswith("program:")]
    assert programs == [f"program:{name}" for name in BY_NAME]
    for name in programs:
        options = parsed[name]
        assert (options["autostart"], options["autorestart"], options["killasgroup"]) == ("false", "true", "true")
        assert int(options["stdout_logfile_backups"]) >= 1
        assert options["command"].endswith(f" -m local run {name.removeprefix('program:')}")


def test_postgres_is_stopped_by_its_fast_shutdown(stack: Stack) -> None:
    assert _parsed(stack)["program:postgres"]["stopsignal"] == "INT"


def test_a_percent_sign_in_the_path_is_doubled_as_the_supervisor_wants_it(stack: Stack) -> None:
    assert "a %% folder" in _parsed(stack)["program:s3"]["stdout_logfile"]


def test_no_secret_stands_in_the_configuration(stack: Stack) -> None:
    stack.state.mkdir()
    secrets = credentials(stack.state)
    text = supervisor.configuration(stack)
    assert not [name for name, value in vars(secrets).items() if value in text]


def test_without_a_supervisor_every_service_is_stopped(stack: Stack) -> None:
    assert not supervisor.running(stack)
    assert {state["statename"] for state in supervisor.states(stack).values()} == {"STOPPED"}
    assert set(supervisor.states(stack)) == set(BY_NAME)
