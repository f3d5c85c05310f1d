"""The warehouse's verbs against real servers: plan, unload, servers that go away in the middle."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include import lake as keys
from include import manifests, settings, warehouse
from include.lake import Lake
from tests import servers
from tests.small_disk import small_postgres
from tests.sql.conftest import connections
from tests.sql.conftest import days as days  # noqa: PLC0414 (a fixture)
from tests.sql.days import Days, copy_staged
from tests.sql.rows import DAY, place, product, review

NEXT = DAY + timedelta(days=1)


def test_a_setting_that_is_not_plain_never_stands_in_unload() -> None:
    with pytest.raises(settings.SettingsError, match="cannot stand in UNLOAD"):
        warehouse._rendered("UNLOAD ('') TO '{target}'", target="s3://lake/x' CREDENTIALS 'y")
    assert warehouse._rendered("TO '{target}'", target="s3://lake-1/a=b/") == "TO 's3://lake-1/a=b/'"


@pytest.mark.slow
class TestPlan:
    def test_one_day_is_copied_from_its_own_manifest(self, days: Days) -> None:
        days.stage(place(), product(), review(), run_date=DAY)
        assert warehouse.plan_copies(days.lake, [DAY]) == [
            {"table": entity, "s3_bucket": days.lake.bucket, "s3_key": keys.manifest_key(entity, DAY)}
            for entity in ("product_rank", "product", "review")
        ]

    def test_several_days_are_copied_from_one_joined_manifest(self, days: Days) -> None:
        days.stage(product(), review("1"), run_date=DAY)
        days.stage(product(run_date=NEXT), run_date=NEXT)
        plan = {entry["table"]: entry["s3_key"] for entry in warehouse.plan_copies(days.lake, [DAY, NEXT])}
        assert set(plan) == {"product", "review"}
        assert len(days.lake.get_json(plan["product"])["entries"]) == 2
        assert len(days.lake.get_json(plan["review"])["entries"]) == 1

    def test_a_day_that_was_never_scraped_is_named(self, days: Days) -> None:
        days.stage(product(), run_date=DAY)
        with pytest.raises(manifests.NothingStaged, match="nothing is staged for 2026-11-21.*run scrape_malls"):
            warehouse.plan_copies(days.lake, [DAY, NEXT])

    @pytest.mark.parametrize("body", ["{}", '{"entries": [{"url": "s3://a/b", "mandatory": true}]}', "[]", "not JSON"])
    def test_a_broken_manifest_is_named(self, days: Days, body: str) -> None:
        days.stage(product(), run_date=DAY)
        days.lake.put(keys.manifest_key("review", DAY), body.encode())
        with pytest.raises(manifests.BrokenManifest, match="staged/manifests/review/run_date=2026-11-20.json"):
            warehouse.plan_copies(days.lake, [DAY])


@pytest.mark.slow
class TestUnload:
    def test_each_entity_has_its_columns_and_rows(self, days: Days) -> None:
        days.stage(
            *(place(1, "100"), place(2, "101"), place(3, "404")),
            *(product("100", size_chart='[{"label": "M"}]'), product("101", size_run=None, size_ruler=None)),
            *(review("1", fit="small"), review("2", product_id="101"), review("3", height_cm=None)),
            run_date=DAY,
        )
        days.load(DAY)
        assert warehouse.unload(days.lake, DAY) == {"sample": 2, "product": 2, "product_rank": 2}
        samples, products, ranks = (
            days.lake.get_table(f"{keys.unload_folder(entity, DAY)}000.parquet")
            for entity in ("sample", "product", "product_rank")
        )
        assert samples.column_names == [
            *("run_date", "mall", "product_id", "review_id", "gender", "height_cm", "weight_kg", "bought_label"),
            *("size_index", "fit", "fit_slight", "target", "weight", "reviewed_on", "first_run_date"),
        ]
        assert samples.select(["review_id", "bought_label", "size_index", "target"]).to_pylist() == [
            {"review_id": "1", "bought_label": "M", "size_index": 1, "target": pytest.approx(1.7)},
            {"review_id": "2", "bought_label": "M", "size_index": 0, "target": 0.0},
        ]
        assert products.column_names == [
            *("mall", "product_id", "name", "brand", "category", "gender", "gender_implied", "price_krw", "image_url"),
            *("product_url", "size_run", "size_ruler", "size_chart", "sold_out", "listed", "reviews", "reviewed_until"),
        ]
        assert [json.loads(text) for text in products["size_run"].to_pylist()] == [["S", "M", "L", "XL"], ["M"]]
        assert products["reviews"].to_pylist() == [1, 1]
        assert products["reviewed_until"].to_pylist() == [date(2026, 11, 1)] * 2
        assert ranks.to_pylist() == [
            {"mall": "musinsa", "category": "tops", "rank": n, "product_id": str(99 + n), "run_date": DAY}
            for n in (1, 2)
        ]

    def test_a_second_unload_leaves_only_its_own_rows(self, days: Days) -> None:
        days.stage(place(), product(), review("1"), run_date=DAY)
        days.load(DAY)
        folder = keys.unload_folder("sample", DAY)
        days.lake.put(f"{folder}0001_part_00.parquet", b"of an earlier engine")
        for _ in range(2):
            warehouse.unload(days.lake, DAY)
        assert [key for key, _ in days.lake.list(folder)] == [f"{folder}000.parquet"]

    def test_a_day_without_samples_is_named(self, days: Days) -> None:
        days.stage(place(), product(), review("1", height_cm=None), run_date=DAY)
        days.load(DAY)
        with pytest.raises(warehouse.NothingToUnload, match="mart.sample has no rows for 2026-11-20"):
            warehouse.unload(days.lake, DAY)

    def test_a_connection_without_a_role_is_named(self, days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
        days.stage(place(), product(), review("1"), run_date=DAY)
        days.load(DAY)
        monkeypatch.setenv("AIRFLOW_CONN_REDSHIFT_COPY", '{"conn_type": "aws"}')
        with pytest.raises(settings.SettingsError, match="redshift_copy has no role_arn"):
            warehouse.unload(days.lake, DAY)


@pytest.mark.slow
@pytest.mark.parametrize("killed", ["core.product", "core.review", "mart.sample"])
def test_a_database_killed_in_the_middle_leaves_nothing_half_done_and_a_retry_completes(
    killed: str, tmp_path: Path, s3_endpoint: str, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = servers.free_port()
    with contextlib.ExitStack() as running:
        first = running.enter_context(contextlib.ExitStack())
        first.enter_context(servers.postgres_server(tmp_path, port))
        gateway = running.enter_context(servers.redshift_gateway(port, s3_endpoint, tmp_path))
        connections(monkeypatch, gateway, "postgres", s3_endpoint, lake.bucket)
        days = Days(lake)
        warehouse.create_tables()
        days.stage(place(), product(), review("1"), review("2", fit="small"), run_date=DAY)
        days.copy(DAY)
        with monkeypatch.context() as patch:
            patch.setattr(warehouse, "_run_file", _pulling_the_plug(tmp_path, before=killed))
            with pytest.raises(warehouse.WarehouseAway, match="redshift_default does not answer"):
                _merge_and_build()
        first.close()
        running.enter_context(servers.postgres_server(tmp_path, port))
        halves = days.rows("SELECT (SELECT COUNT(*) FROM core.product), (SELECT COUNT(*) FROM mart.size_run)")
        assert halves == [(1 if killed == "mart.sample" else 0, 0)]
        _merge_and_build()
        assert sorted(days.rows("SELECT review_id, target FROM mart.sample")) == [("1", 1.0), ("2", 1.7)]


def _pulling_the_plug(folder: Path, before: str) -> Callable[..., None]:
    """_run_file, but the database dies by SIGKILL before the load of one table."""
    run_file = warehouse._run_file

    def run_until_killed(cursor: Any, table: str, purpose: str, parameters: dict[str, Any]) -> None:
        if table == before:
            servers.kill_all(int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]))
        run_file(cursor, table, purpose, parameters)

    return run_until_killed


def _merge_and_build() -> None:
    warehouse.merge(DAY)
    warehouse.build_samples(DAY)


@pytest.mark.slow
def test_a_full_disk_fails_the_load_whole_and_with_room_the_retry_completes(
    tmp_path: Path, s3_endpoint: str, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        small_postgres(tmp_path, 240) as (cluster, ballast),
        servers.redshift_gateway(cluster.port, s3_endpoint, tmp_path) as gateway,
    ):
        connections(monkeypatch, gateway, "postgres", s3_endpoint, lake.bucket)
        days = Days(lake)
        warehouse.create_tables()
        many = (review(str(number), weight_kg=Decimal("70.0")) for number in range(30_000))
        days.stage(place(), product(), *many, run_date=DAY)
        days.copy(DAY)
        ballast.take(leaving_megabytes=4)
        with pytest.raises(Exception, match="No space left"):
            warehouse.merge(DAY)
        ballast.drop()
        servers.wait_until(lambda: servers.answers(cluster.dsn()), "PostgreSQL with room")
        assert days.rows("SELECT (SELECT COUNT(*) FROM core.product), (SELECT COUNT(*) FROM core.review)") == [(0, 0)]
        warehouse.merge(DAY)
        assert days.rows("SELECT COUNT(*) FROM core.review") == [(30_000,)]


@pytest.mark.slow
def test_a_lake_that_is_away_fails_the_copy_and_leaves_staging_as_it_was(
    days: Days, gateway: int, s3_endpoint: str, tmp_path: Path, cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    days.stage(product(), review("1"), run_date=DAY)
    days.copy(DAY)
    plan = warehouse.plan_copies(days.lake, [DAY])
    nowhere = f"http://127.0.0.1:{servers.free_port()}"
    with servers.redshift_gateway(cluster.port, nowhere, tmp_path) as cut_off:
        connections(monkeypatch, cut_off, database.rpartition("/")[2], s3_endpoint, days.lake.bucket)
        with pytest.raises(Exception, match="(?i)s3|endpoint|connect"):
            copy_staged(plan[1])
    connections(monkeypatch, gateway, database.rpartition("/")[2], s3_endpoint, days.lake.bucket)
    assert days.rows("SELECT review_id FROM staging.review") == [("1",)]
    days.load(DAY)
    assert days.rows("SELECT review_id FROM mart.sample") == [("1",)]
