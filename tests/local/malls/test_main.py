"""The command line: a real server on loopback, or one clear line and an exit code."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests import servers

pytestmark = pytest.mark.slow


def _run(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "local.malls", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_a_wrong_file_ends_with_one_line_and_an_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("item_id,height\n1,2\n", encoding="utf-8")
    ended = _run("--port", str(servers.free_port()), "--reviews", str(path))
    assert ended.returncode == 2
    assert ended.stderr.startswith("ReviewFileError: ")
    assert ended.stderr.count("\n") == 1
    assert "weight, size, gender missing" in ended.stderr


def test_a_number_out_of_range_is_refused() -> None:
    ended = _run("--products", "0")
    assert ended.returncode == 2
    assert "not between" in ended.stderr


def test_a_taken_port_is_named_with_the_setting_that_changes_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = _run("--port", str(port), "--products", "1")
    assert ended.returncode == 3
    assert str(port) in ended.stderr
    assert "OTTO_MALLS_PORT" in ended.stderr


def test_it_listens_on_loopback_only_and_holds_answers_back(tmp_path: Path) -> None:
    with servers.replica_malls(tmp_path, products=5, reviews_per_product=4, delay_ms=250) as port:
        addresses = {
            entry.laddr.ip
            for entry in psutil.net_connections("tcp")
            if entry.status == psutil.CONN_LISTEN and entry.laddr.port == port
        }
        assert addresses == {"127.0.0.1"}
        begun = time.monotonic()
        answer = httpx.get(f"http://127.0.0.1:{port}/robots.txt", headers={"host": f"www.musinsa.localhost:{port}"})
        assert answer.status_code == 200
        assert time.monotonic() - begun >= 0.25


def test_a_file_of_reviews_is_served_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    rows = "".join(f"{number % 7 + 1},17{number % 10}cm,70kg,L 구매,남성\n" for number in range(500))
    path.write_text("item_id,height,weight,size,gender\n" + rows + "7,지성,177cm,23.10.09,봄\n", encoding="utf-8")
    with servers.replica_malls(tmp_path, reviews=path) as port, httpx.Client(timeout=10) as client:
        host = {"host": f"goods.musinsa.localhost:{port}"}
        found: dict[str, dict] = {}
        for product in range(1, 8):
            page = 0
            query = f"http://127.0.0.1:{port}/api2/review/v1/view/list?goodsNo={product}&pageSize=20"
            while some := client.get(f"{query}&page={page}", headers=host).json()["data"]["list"]:
                found |= {review["no"]: review for review in some}
                page += 1
    assert sorted(found) == [f"{number:09d}" for number in range(1, 502)]
    last = found["000000501"]
    profile = last["userProfileInfo"]
    assert (profile["userHeight"], profile["userWeight"], profile["reviewSex"]) == ("지성", "177cm", "봄")
    assert (last["goodsOption"], last["grade"], last["createDate"]) == ("23.10.09", None, None)
    assert last["goods"]["goodsName"] == "Product 7"
