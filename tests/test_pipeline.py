"""The whole platform as a newcomer runs it: real scheduler, browser and databases, and what happens when one dies.

One stack serves all tests here. Runs that are compared begin with empty data, so none can pass on the rows of another.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import httpx
import psycopg
import pytest

from include.lake import Lake
from include.settings import MALLS
from local.pipeline_run import RunFailed
from tests.run_tables import Tables, differences, empty, lake_of, owner, tables
from tests.servers import wait_until
from tests.stack import RunningStack, running_stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

PRODUCTS, REVIEWS_EACH, SEED = 12 // len(MALLS), 60, 7  # products of each mall
CATALOGUE = ("--products", str(PRODUCTS), "--reviews-per-product", str(REVIEWS_EACH), "--seed", str(SEED))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """Twelve products of all malls and their reviews, everything else as in the demo."""
    with running_stack(tmp_path_factory.mktemp("pipeline"), *CATALOGUE) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(stack: RunningStack) -> Tables:
    """The tables after a run that nothing disturbed."""
    stack.run_chain()
    return tables(stack)


def test_every_served_review_is_loaded_or_quarantined_and_sampled_or_excluded(
    stack: RunningStack, undisturbed: Tables
) -> None:
    served = httpx.get(f"{stack.stack.url('malls')}/__control/counts", timeout=10).json()["reviews"]
    loaded = len(undisturbed["core.review"])
    assert served > len(MALLS) * PRODUCTS * REVIEWS_EACH / 2
    assert loaded + len(_quarantined(stack)) == served
    assert len(undisturbed["mart.sample"]) + len(undisturbed["mart.excluded"]) == loaded


def test_the_live_release_is_what_the_web_and_the_status_show(stack: RunningStack, undisturbed: Tables) -> None:
    release = stack.status()["release"]
    assert release["state"] == "live"
    assert release["rows"] == len(undisturbed["otto.size_table"])
    told = httpx.get(f"{stack.stack.url('web')}/status.json", timeout=10).json()
    assert told["release"]["release_id"] == release["release_id"]
    page = httpx.get(f"{stack.stack.url('web')}/", follow_redirects=True, timeout=10)
    assert page.status_code == 200
    assert any(row[2] in page.text for row in undisturbed["core.product"])


def test_the_reader_reads_the_views_of_otto_and_nothing_else_in_the_serving_database(
    stack: RunningStack, undisturbed: Tables
) -> None:
    with psycopg.connect(stack.dsn("rds"), connect_timeout=5, autocommit=True) as reader:
        assert reader.execute("SELECT count(*) FROM otto.product").fetchone()[0] > 0
        for closed in ("ops.pace", "ops.scrape_run", "otto.size_band", "otto.live"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(f"SELECT * FROM {closed}")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("CREATE TABLE public.mine (id int)")
        reader.execute("SET default_transaction_read_only = off")  # a habit of the role, not its wall
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("CREATE TABLE public.mine (id int)")


def test_no_secret_stands_in_logs_or_xcom_and_no_nickname_leaves_the_raw_pages(
    stack: RunningStack, undisturbed: Tables
) -> None:
    texts = {str(path): path.read_text(encoding="utf-8", errors="replace") for path in _log_files(stack)}
    with psycopg.connect(owner(stack, "airflow"), connect_timeout=5) as connection:
        texts["xcom"] = "\n".join(str(row) for row in connection.execute("SELECT value FROM xcom"))
    assert "scrape_products" in "".join(texts)
    secrets = [value for value in asdict(stack.credentials).values() if len(value) >= 8]
    assert [where for where, text in texts.items() if any(secret in text for secret in secrets)] == []
    lake = lake_of(stack)
    parsed = [key for prefix in ("staged/", "quarantine/") for key, _ in lake.list(prefix)]
    personal = (b"userNickName", b"encryptedUserId", b"masked_email", b"nickname")
    raw = [_raw(lake, key) for key, _ in lake.list("raw/")]
    assert all(any(name in text for text in raw) for name in personal)
    assert [key for key in parsed if any(name in _raw(lake, key) for name in personal)] == []


def test_a_second_run_of_the_day_publishes_a_new_release_of_the_same_rows(
    stack: RunningStack, undisturbed: Tables
) -> None:
    before = stack.status()["release"]
    stack.run_chain()
    assert stack.status()["release"]["release_id"] > before["release_id"]
    assert differences(tables(stack), undisturbed) == {}


def test_the_release_before_comes_back_and_a_page_shows_it(stack: RunningStack, undisturbed: Tables) -> None:
    second = stack.status()["release"]["release_id"]
    run = stack.trigger("roll_back_release", {"reason": "a test"})
    assert stack.wait("roll_back_release", run) == "success"
    assert stack.status()["release"]["release_id"] < second
    told = httpx.get(f"{stack.stack.url('web')}/status.json", timeout=10).json()
    assert told["release"]["release_id"] == stack.status()["release"]["release_id"]


@pytest.mark.parametrize("service", ["s3", "postgres"])
def test_a_server_killed_in_the_middle_leaves_the_same_tables_as_an_undisturbed_run(
    stack: RunningStack, undisturbed: Tables, service: str
) -> None:
    empty(stack)
    killer = Killer(stack, service)
    killer.start()
    stack.run_chain()
    killer.join(60)
    assert killer.killed is not None
    assert stack.wait_healthy(service) != killer.killed
    assert differences(tables(stack), undisturbed) == {}


@pytest.mark.parametrize(
    ("conf", "says"),
    [
        ({"malls": ["coupang"]}, "coupang"),
        ({"run_date": "2999-01-01"}, "future"),
        ({"run_date": "2020-02-30"}, "2020-02-30"),
        ({"run_date": "2024-01-05"}, "raw"),
        ({"categories": ["hats"]}, "hats"),
    ],
)
def test_a_wrong_parameter_gets_one_clear_error(stack: RunningStack, conf: dict, says: str) -> None:
    with pytest.raises((RunFailed, RuntimeError), match=says):
        stack.run_chain(conf, seconds=120)


class Killer(threading.Thread):
    """Kills a service with kill -9 once the run is in the middle of its work."""

    def __init__(self, stack: RunningStack, service: str) -> None:
        super().__init__(daemon=True)
        self.stack = stack
        self.service = service
        self.killed: int | None = None

    def run(self) -> None:
        lake = lake_of(self.stack)
        wait_until(lambda: any("/kind=reviews/" in key for key, _ in lake.list("raw/")), "a page of reviews", 240)
        time.sleep(0.5)  # in the middle, not at the edge
        self.killed = self.stack.kill(self.service)


def _raw(lake: Lake, key: str) -> bytes:
    if key.endswith(".jsonl.gz"):
        return json.dumps(lake.get_lines(key)).encode()
    if key.endswith(".parquet"):
        return json.dumps(lake.get_table(key).to_pylist(), default=str).encode()
    return lake.get(key)


def _quarantined(stack: RunningStack) -> list[dict]:
    lake = lake_of(stack)
    return [row for key, _ in lake.list("quarantine/review/") if key.endswith(".gz") for row in lake.get_lines(key)]


def _log_files(stack: RunningStack) -> list[Path]:
    return [path for path in stack.state.rglob("*.log") if path.is_file()]


def test_the_day_of_the_release_is_today_in_seoul(stack: RunningStack, undisturbed: Tables) -> None:
    days = {row[2] for row in undisturbed["core.product_rank"]}
    assert len(days) == 1
    assert stack.status()["release"]["run_date"] in {day.isoformat() for day in days if isinstance(day, date)}
