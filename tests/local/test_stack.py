"""Where a stack lives and what it is told."""

import json
import stat
from pathlib import Path

import pytest

from local import stack as stacks
from local.stack import MallOptions, Stack, StackError


def test_the_state_folder_and_the_ports_come_from_the_environment(tmp_path: Path) -> None:
    stack = stacks.load({"OTTO_STATE": str(tmp_path), "OTTO_WEB_PORT": "8123"})
    assert stack.state == tmp_path
    assert stack.ports == stacks.DEFAULT_PORTS | {"web": 8123, "api": 8133}
    assert stacks.state_folder({}) == stacks.ROOT / ".otto"


def test_the_api_stands_beside_the_page_of_its_own_stack_and_in_nobodys_way() -> None:
    assert stacks.chosen_ports({"OTTO_WEB_PORT": "8100"})["api"] == 8110
    assert stacks.chosen_ports({"OTTO_WEB_PORT": "8100", "OTTO_S3_PORT": "8110"})["api"] == 8111
    assert stacks.chosen_ports({"OTTO_WEB_PORT": "8100", "OTTO_API_PORT": "9000"})["api"] == 9000


@pytest.mark.parametrize("text", ["0", "65536", "eighty", "-1", "80.5"])
def test_a_port_that_is_none_is_refused_by_the_name_of_its_variable(text: str) -> None:
    with pytest.raises(StackError, match="OTTO_S3_PORT"):
        stacks.chosen_ports({"OTTO_S3_PORT": text})


def test_two_services_on_one_port_are_refused_by_both_names() -> None:
    with pytest.raises(StackError, match="OTTO_S3_PORT and OTTO_WEB_PORT"):
        stacks.chosen_ports({"OTTO_S3_PORT": "7000", "OTTO_WEB_PORT": "7000"})


def test_a_saved_stack_is_loaded_as_it_was_told_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    stack = Stack(tmp_path, dict(stacks.DEFAULT_PORTS, web=8999), MallOptions(products=7), {"schema": "abc"})
    stack.save()
    again = stacks.load({"OTTO_STATE": str(tmp_path)})
    assert (again.ports, again.malls, again.stamps) == (stack.ports, stack.malls, stack.stamps)
    assert stat.S_IMODE(stack.record.stat().st_mode) == 0o600


def test_a_broken_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text("{", encoding="utf-8")
    with pytest.raises(StackError, match=r"stack\.json"):
        stacks.load({"OTTO_STATE": str(tmp_path)})


def test_mall_options_become_arguments_only_where_they_are_given() -> None:
    assert MallOptions().arguments() == []
    assert MallOptions(products=5, reviews="/r.csv").arguments() == ["--products", "5", "--reviews", "/r.csv"]


def test_the_socket_moves_to_a_short_folder_where_the_state_path_is_too_long(tmp_path: Path) -> None:
    short, long = Stack(Path("/var/otto"), {}), Stack(tmp_path / ("x" * 90), {})
    assert short.socket == Path("/var/otto/supervisor.sock")
    assert len(bytes(long.socket)) < 90
    assert long.socket != Stack(tmp_path / ("y" * 90), {}).socket


def test_a_dsn_goes_to_the_gateway_for_the_warehouse_and_has_no_password(tmp_path: Path) -> None:
    stack = Stack(tmp_path, stacks.DEFAULT_PORTS)
    assert stack.dsn("rds", "otto_reader") == "postgresql://otto_reader@127.0.0.1:5442/rds"
    assert stack.dsn("warehouse", "otto_reader") == "postgresql://otto_reader@127.0.0.1:5439/warehouse"


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    stacks.write_private(path, json.dumps([1]))
    stacks.write_private(path, json.dumps([2]))
    assert json.loads(path.read_text()) == [2]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
