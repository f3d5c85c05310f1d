"""Publishing end to end, on a real PostgreSQL and a real lake."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pyarrow as pa
import pytest

from include import serving
from include.lake import Lake, unload_folder
from include.publish import pointer, publication, retention
from include.publish.lock import PublisherBusy, publishing
from include.publish.pointer import NoSuchRelease
from include.publish.publication import PublicationFailed
from include.publish.source import NoAcceptedModel
from tests.publish import invented
from tests.publish.invented import DAY

pytestmark = pytest.mark.slow


def _publish(rds: psycopg.Connection, lake: Lake, *days: date, **options: object) -> list[publication.Published]:
    return publication.publish(rds, lake, days or (DAY,), **({"by": "test"} | options))  # type: ignore[arg-type]


def _states(rds: psycopg.Connection) -> dict[int, str]:
    return dict(rds.execute("SELECT release_id, state FROM otto.release_status ORDER BY 1").fetchall())


def _one(rds: psycopg.Connection, query: str) -> object:
    row = rds.execute(query.encode()).fetchone()
    return row[0] if row else None


def test_a_published_day_is_what_the_views_show(rds: psycopg.Connection, lake: Lake) -> None:
    rows = invented.bands("musinsa", "1000000", "male", ["S", "M", "L", "XL", "2XL"])
    invented.lay(lake, products=[invented.product(0), invented.product(1)], rows=rows)
    (published,) = _publish(rds, lake)
    assert (published.live, published.run_date) == (True, DAY)
    assert _states(rds) == {published.release_id: "live"}
    stored = rds.execute(
        """
        SELECT mall, product_id, gender, height_cm, weight_from_kg, weight_to_kg, state, size_label, probability,
            runner_up, runner_up_probability, reviews
        FROM otto.size_table ORDER BY height_cm, weight_from_kg
        """
    ).fetchall()
    expected = [tuple(row.values()) for row in rows]
    assert len(stored) == len(expected)
    for found, wanted in zip(stored, expected, strict=True):
        assert found == pytest.approx(wanted)
    product = rds.execute("SELECT * FROM otto.product WHERE product_id = '1000000'").fetchone()
    assert product == (
        published.release_id, "musinsa", "1000000", "릴렉스드 코튼 티셔츠 1", "무명상점", "tops", "men", 19900,
        "https://image.msscdn.net/images/0.jpg", "https://www.musinsa.com/products/1000000",
        ["S", "M", "L", "XL", "2XL"], "true", pytest.approx(0.62), 40, DAY,
        [{"label": label, "parts": {"총장": 66 + 2 * at, "가슴단면": 50 + 3 * at}}
         for at, label in enumerate(["S", "M", "L", "XL", "2XL"])], None,
    )  # fmt: skip
    ranks = rds.execute("SELECT mall, category, rank, product_id, ranked_on FROM otto.product_rank ORDER BY rank")
    assert ranks.fetchall() == [("musinsa", "tops", 1, "1000000", DAY), ("musinsa", "tops", 2, "1000001", DAY)]


def test_a_failed_check_leaves_the_live_release_alone(rds: psycopg.Connection, lake: Lake) -> None:
    invented.lay(lake)
    (first,) = _publish(rds, lake)
    rows = invented.bands("musinsa", "1000000", "male", ["S", "M", "L", "XL", "2XL"])
    invented.lay(lake, rows=rows[:-1])
    with pytest.raises(PublicationFailed, match="a height does not end at the highest weight"):
        _publish(rds, lake, by="run 2")
    assert _states(rds) == {first.release_id: "live", first.release_id + 1: "failed"}
    assert "first musinsa/1000000 male 200 cm" in str(
        _one(rds, "SELECT reason FROM otto.release WHERE state = 'failed'")
    )
    assert _one(rds, f"SELECT count(*) FROM pg_class WHERE relname = 'size_band_{first.release_id + 1}'") == 0


def test_a_release_of_half_the_size_needs_a_person(rds: psycopg.Connection, lake: Lake) -> None:
    invented.lay(lake)
    _publish(rds, lake)
    invented.lay(lake, products=[invented.product(0)])
    with pytest.raises(PublicationFailed, match="1 products, the live one 3"):
        _publish(rds, lake, by="run 2")
    (published,) = _publish(rds, lake, by="run 3", go_live=True)
    assert published.live


def test_several_days_go_live_oldest_first_and_a_day_without_a_model_is_left_out(
    rds: psycopg.Connection, lake: Lake
) -> None:
    days = [DAY - timedelta(days=back) for back in (0, 1, 2)]
    invented.lay(lake, days[0])
    invented.lay(lake, days[2])
    published = _publish(rds, lake, *days)
    assert [each.run_date for each in published] == [days[2], days[0]]
    assert _one(rds, "SELECT run_date FROM otto.release_status WHERE state = 'live'") == DAY
    with pytest.raises(NoAcceptedModel, match="2026-11-21"):
        _publish(rds, lake, days[1])


def test_an_older_day_stays_ready_unless_a_person_says_go_live(rds: psycopg.Connection, lake: Lake) -> None:
    older = DAY - timedelta(days=3)
    invented.lay(lake)
    invented.lay(lake, older)
    _publish(rds, lake)
    (waiting,) = _publish(rds, lake, older)
    assert not waiting.live
    assert "is live and newer" in waiting.reason
    (forced,) = _publish(rds, lake, older, go_live=True, by="a person")
    assert forced.live


def test_a_retry_of_the_same_run_builds_no_second_release(rds: psycopg.Connection, lake: Lake) -> None:
    invented.lay(lake)
    first, second = _publish(rds, lake), _publish(rds, lake)
    assert [each.release_id for each in first] == [each.release_id for each in second]
    assert _publish(rds, lake, by="another run")[0].release_id == first[0].release_id + 1


def test_rolling_back_withdraws_and_the_withdrawn_release_stays_away(rds: psycopg.Connection, lake: Lake) -> None:
    invented.lay(lake)
    releases = [_publish(rds, lake, by=f"run {run}")[0].release_id for run in range(3)]
    outcome = pointer.roll_back(rds, None, "sizes look wrong", hold=False, by="a person")
    assert outcome.release_id == releases[1]
    assert _states(rds) == {releases[0]: "ready", releases[1]: "live", releases[2]: "withdrawn"}
    with pytest.raises(NoSuchRelease, match="withdrawn"):
        pointer.make_live(rds, releases[2], "a retry")
    assert pointer.roll_back(rds, None, "still wrong", hold=False, by="a person").release_id == releases[0]
    with pytest.raises(NoSuchRelease, match="no release before"):
        pointer.roll_back(rds, None, "more", hold=False, by="a person")
    told = rds.execute(
        "SELECT release_id, action, by, reason FROM otto.release_event ORDER BY at DESC LIMIT 2"
    ).fetchall()
    assert told == [
        (releases[1], "withdrawn", "a person", "still wrong"),
        (releases[0], "roll_back", "a person", "still wrong"),
    ]


def test_a_hold_keeps_publications_ready_until_released(rds: psycopg.Connection, lake: Lake) -> None:
    invented.lay(lake)
    for run in range(2):
        _publish(rds, lake, by=f"run {run}")
    pointer.roll_back(rds, None, "look first", hold=True, by="a person")
    (held,) = _publish(rds, lake, by="run 3")
    assert (held.live, held.reason) == (False, "publications are on hold")
    pointer.set_hold(rds, False, "a person", "looked")
    assert _publish(rds, lake, by="run 4")[0].live
    pointer.set_hold(rds, True, "a person", "again")
    assert _publish(rds, lake, by="run 5", go_live=True)[0].live
    assert _publish(rds, lake, by="run 6")[0].live


def test_two_publishers_at_once_the_second_gives_up_clearly(
    serving_dsn: str, rds: psycopg.Connection, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    invented.lay(lake)
    monkeypatch.setattr(publishing.__wrapped__, "__defaults__", (0.3,))  # type: ignore[attr-defined]
    refused = pytest.raises(PublisherBusy, match="the first .* is publishing")
    with serving.connect_to(serving_dsn, "the first") as other, publishing(other), refused:
        _publish(rds, lake)
    assert _publish(rds, lake)[0].live


def test_seven_releases_are_kept_and_the_live_one_always(rds: psycopg.Connection, lake: Lake) -> None:
    invented.lay(lake, products=[invented.product(0)], genders=("unknown",))
    first = _publish(rds, lake, by="run 0")[0].release_id
    pointer.set_hold(rds, True, "a person", "keep this one")
    for run in range(1, 9):
        _publish(rds, lake, by=f"run {run}")
    states = _states(rds)
    assert states[first] == "live"
    assert sorted(states.values()) == ["live", *["ready"] * 6, *["retired"] * 2]
    tables = _one(rds, "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^size_band_[0-9]+$'")
    assert tables == 7
    assert _one(rds, "SELECT count(*) FROM otto.release_event WHERE action = 'retired'") == 2
    with pytest.raises(NoSuchRelease, match="not kept"):
        pointer.roll_back(rds, first + 1, "gone", hold=False, by="a person")


def test_what_a_killed_publisher_left_is_swept(rds: psycopg.Connection, lake: Lake) -> None:
    invented.lay(lake)
    live = _publish(rds, lake)[0].release_id
    rds.execute("INSERT INTO otto.release (run_date, model_version, state) VALUES (%s, 'x', 'building')", [DAY])
    rds.execute(f"CREATE TABLE otto.size_band_{live + 1} (LIKE otto.size_band)")
    assert retention.sweep(rds) == [f"size_band_{live + 1}"]
    assert _states(rds) == {live: "live", live + 1: "failed"}
    assert retention.sweep(rds) == []


def test_links_to_other_hosts_and_control_characters_do_not_get_through(rds: psycopg.Connection, lake: Lake) -> None:
    hostile = invented.product(
        0,
        name="<script>\x00alert(1)\x1b</script>",
        image_url="https://evil.example/x.jpg",
        product_url="javascript:alert(1)",
    )
    invented.lay(lake, products=[hostile])
    _publish(rds, lake)
    row = rds.execute("SELECT name, image_url, product_url FROM otto.product").fetchone()
    assert row == ("<script> alert(1) </script>", None, None)
    assert _one(rds, "SELECT metrics ->> 'links_left_out' FROM otto.release_status") == "2"


def test_an_unload_without_a_column_is_named(rds: psycopg.Connection, lake: Lake) -> None:
    row = invented.product(0)
    invented.lay(lake, products=[row])
    without = pa.Table.from_pylist([{key: value for key, value in row.items() if key != "price_krw"}])
    lake.put_table(f"{unload_folder('product', DAY)}0000_part_00.parquet", without)
    with pytest.raises(PublicationFailed, match="lacks the columns price_krw"):
        _publish(rds, lake)
