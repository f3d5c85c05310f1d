"""The lake: its keys, which are read from outside too, and its verbs against a real S3 server."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from include import lake as keys
from include.lake import Lake, ObjectMissing

DAY = date(2026, 3, 4)


def test_the_keys_are_those_of_the_contract() -> None:
    assert [
        keys.raw_folder("musinsa", "reviews", DAY),
        keys.staged_folder("review", "29cm", DAY),
        keys.quarantine_folder("product", "zigzag", DAY),
        keys.state_folder("musinsa", DAY),
        keys.manifest_key("product_rank", DAY),
        keys.joined_manifest_key("review", [date(2026, 3, 5), DAY]),
        keys.unload_folder("sample", DAY),
        keys.model_folder("20260304-0123456789ab"),
        keys.accepted_key(DAY),
        keys.accepted_key(),
    ] == [
        "raw/mall=musinsa/kind=reviews/run_date=2026-03-04/",
        "staged/review/mall=29cm/run_date=2026-03-04/",
        "quarantine/product/mall=zigzag/run_date=2026-03-04/",
        "state/scrape/mall=musinsa/run_date=2026-03-04/",
        "staged/manifests/product_rank/run_date=2026-03-04.json",
        "staged/manifests/review/run_dates=2026-03-04_2026-03-05.json",
        "unload/sample/run_date=2026-03-04/",
        "models/size/20260304-0123456789ab/",
        "models/size/accepted/run_date=2026-03-04.json",
        "models/size/accepted.json",
    ]


@pytest.mark.slow
class TestVerbs:
    def test_json_and_lines_keep_korean_and_line_breaks_inside_texts(self, lake: Lake) -> None:
        rows = [{"name": "한글\n둘\u2028셋"}, {"name": None}]
        lake.put_lines("a.jsonl.gz", rows)
        lake.put_json("a.json", rows)
        assert lake.get_lines("a.jsonl.gz") == rows
        assert lake.get_json("a.json") == rows

    def test_equal_lines_are_equal_bytes(self, lake: Lake) -> None:
        lake.put_lines("one", [{"a": 1}])
        lake.put_lines("two", [{"a": 1}])
        assert lake.get("one") == lake.get("two")

    def test_a_table_comes_back_with_its_types(self, lake: Lake) -> None:
        table = pa.table({"day": pa.array([DAY, None], pa.date32()), "rank": pa.array([1, 2], pa.int32())})
        lake.put_table("t.parquet", table)
        assert lake.get_table("t.parquet").equals(table)

    def test_an_absent_object_is_named(self, lake: Lake) -> None:
        lake.put("there/longer", b"")
        with pytest.raises(ObjectMissing, match=f"s3://{lake.bucket}/there does not exist"):
            lake.get("there")
        assert not lake.exists("there")
        assert lake.exists("there/longer")

    def test_a_folder_of_more_than_a_thousand_is_listed_in_order_and_deleted_whole(self, lake: Lake) -> None:
        wanted = [f"many/{number:04}" for number in range(1003)]
        for key in wanted:
            lake.put(key, b"x")
        assert list(lake.list("many/")) == [(key, 1) for key in wanted]
        lake.delete([*wanted, "many/absent"])
        assert list(lake.list("many/")) == []
