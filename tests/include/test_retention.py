"""What leaves the lake and what must not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from include import lake as keys
from include import retention
from include.lake import Lake

TODAY = date(2026, 11, 22)
IN_A_WEEK = datetime.now(UTC) + timedelta(days=7)


@pytest.mark.parametrize(("days", "first"), [(1, TODAY), (30, date(2026, 10, 24))])
def test_a_history_of_n_days_ends_today(days: int, first: date) -> None:
    assert retention.oldest_kept(TODAY, days) == first


@pytest.mark.slow
class TestLake:
    def test_raw_pages_leave_after_their_days_and_nothing_else_does(self, lake: Lake) -> None:
        old, kept = date(2026, 10, 23), date(2026, 10, 24)
        for day in (old, kept):
            lake.put(keys.raw_folder("musinsa", "reviews", day) + "tops-1.jsonl.gz", b"x")
            lake.put(keys.staged_folder("review", "musinsa", day) + "tops-1.parquet", b"x")
        assert retention.remove_old_raw(lake, kept) == 1
        assert [key for key, _ in lake.list("")] == [
            keys.raw_folder("musinsa", "reviews", kept) + "tops-1.jsonl.gz",
            keys.staged_folder("review", "musinsa", old) + "tops-1.parquet",
            keys.staged_folder("review", "musinsa", kept) + "tops-1.parquet",
        ]
        assert retention.remove_old_raw(lake, kept) == 0

    def test_checkpoints_leave_after_their_days_but_a_mall_s_newest_stay(self, lake: Lake) -> None:
        days = {"musinsa": (10, 20, 25), "29cm": (5, 7)}
        for mall, numbers in days.items():
            for number in numbers:
                lake.put_json(keys.state_folder(mall, date(2026, 11, number)) + "_reviews.json", {})
        assert retention.remove_old_state(lake, date(2026, 11, 21)) == 3
        assert [key for key, _ in lake.list("state/")] == [
            keys.state_folder("29cm", date(2026, 11, 7)) + "_reviews.json",
            keys.state_folder("musinsa", date(2026, 11, 25)) + "_reviews.json",
        ]

    def test_unloads_and_joined_manifests_leave_and_a_day_s_own_manifest_stays(self, lake: Lake) -> None:
        days = [date(2026, 11, number) for number in (10, 11, 20)]
        for day in days:
            lake.put(keys.unload_folder("sample", day) + "000.parquet", b"x")
            lake.put_json(keys.manifest_key("review", day), {"entries": []})
        lake.put_json(keys.joined_manifest_key("review", days[:2]), {"entries": []})
        lake.put_json(keys.joined_manifest_key("review", days), {"entries": []})
        assert retention.remove_old_copies(lake, date(2026, 11, 15)) == 3
        assert [key for key, _ in lake.list("unload/")] == [keys.unload_folder("sample", days[2]) + "000.parquet"]
        assert {key for key, _ in lake.list("staged/manifests/")} == {
            *(keys.manifest_key("review", day) for day in days),
            keys.joined_manifest_key("review", days),
        }
        assert retention.remove_old_copies(lake, date(2027, 1, 1)) == 1, "the newest unloaded day stays"

    def test_a_part_that_nothing_names_leaves_once_no_scrape_can_be_writing_it(self, lake: Lake) -> None:
        folder = keys.staged_folder("review", "musinsa", TODAY)
        for name in ("part-1.parquet", "part-10.parquet", "part-2.parquet"):
            lake.put(folder + name, b"x")
        lake.put_json(folder + "_parts.json", {"tops": ["part-10.parquet"], "bottoms": ["part-2"]})
        lake.put_json(folder + "_whole.json", {"tops": ["part-10.parquet"]})
        assert retention.remove_unnamed_parts(lake) == 0
        assert retention.remove_unnamed_parts(lake, now=IN_A_WEEK) == 1
        assert [key.removeprefix(folder) for key, _ in lake.list(folder)] == [
            "_parts.json",
            "_whole.json",
            "part-10.parquet",
            "part-2.parquet",
        ]

    def test_a_folder_whose_first_scrape_has_not_ended_is_left_alone(self, lake: Lake) -> None:
        lake.put(keys.raw_folder("musinsa", "product", TODAY) + "part-1.jsonl.gz", b"x")
        lake.put_json(keys.manifest_key("review", TODAY), {"entries": []})
        assert retention.remove_unnamed_parts(lake, now=IN_A_WEEK) == 0
