"""Core to mart: size runs, samples and exclusions, on hand-made rows."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from include import warehouse
from include.scrapers.records import Review
from ml.fit_shares import learn_fit_shares, move_targets
from ml.repeats import Line, find_repeats
from tests.sql.days import Days
from tests.sql.rows import DAY, product, review

pytestmark = pytest.mark.slow

NEXT = DAY + timedelta(days=1)


def verdicts(days: Days) -> dict[str, str]:
    """review_id -> sampled, or the reason."""
    return dict(
        days.rows("SELECT review_id, 'sampled' FROM mart.sample UNION ALL SELECT review_id, reason FROM mart.excluded")
    )


def runs(days: Days) -> dict[str, str]:
    """product_id -> its run's labels with index, ruler and source."""
    rows = days.rows("SELECT product_id, size_index, size_label, size_ruler, source FROM mart.size_run ORDER BY 1, 2")
    found: dict[str, str] = {}
    for product_id, index, label, ruler, source in rows:
        found[product_id] = f"{found.get(product_id, f'{ruler} {source}:')} {index}={label}"
    return found


def labelled(label: str, count: int, first_id: int, **stated: Any) -> list[Review]:
    """Reviews of one size, of different people."""
    order = {"S": 2.0, "M": 3.0, "L": 4.0, "XL": 5.0, "2XL": 6.0}.get(label, 1.0)
    row: dict[str, Any] = {"size_label": label, "size_order": order} | stated
    return [
        review(
            str(first_id + n), height_cm=Decimal(150) + Decimal(n % 500) / 10, weight_kg=Decimal(60 + n // 500), **row
        )
        for n in range(count)
    ]


def test_the_option_list_is_the_run_and_a_sold_out_size_stays(days: Days) -> None:
    days.stage(product(size_run='["S", "M", "L", "XL"]', sold_out='["S"]'), review("1"), run_date=DAY)
    days.load(DAY)
    assert runs(days) == {"100": "letter options: 0=S 1=M 2=L 3=XL"}


LISTS = {
    '["FREE"]': "letter options: 0=FREE",
    '["S","M"]': "letter options: 0=S 1=M",
    '["M", "M", "L"]': "letter options: 0=M 1=L",
    '["55(M), 긴팔", "66"]': "letter options: 0=55(M), 긴팔 1=66",
    '["220", "225", "230", "235", "240", "245", "250", "255", "260", "265", "270"]': "letter options: 0=220 1=225 "
    "2=230 3=235 4=240 5=245 6=250 7=255 8=260 9=265 10=270",
    "[]": "letter reviews: 0=M",
    '["S, M]': "letter reviews: 0=M",
    '["S\\u0041", "M"]': "letter reviews: 0=M",
    "S, M, L": "letter reviews: 0=M",
    None: "letter reviews: 0=M",
}


def test_a_list_of_options_is_read_or_left_to_the_reviews(days: Days) -> None:
    rows = [(product(str(n), size_run=text), review(str(n), product_id=str(n))) for n, text in enumerate(LISTS)]
    days.stage(*(row for pair in rows for row in pair), run_date=DAY)
    days.load(DAY)
    found = runs(days)
    assert {text: found[str(n)] for n, text in enumerate(LISTS)} == LISTS


def test_without_options_the_reviews_of_the_majority_ruler_make_the_run(days: Days) -> None:
    chest = {"size_label": "095", "size_ruler": "chest", "size_order": 95.0}
    days.stage(
        product(size_run=None, size_ruler=None),
        *labelled("L", 2, 1),
        *labelled("S", 2, 11, product_id="100"),
        *(review(str(n), **chest) for n in (21, 22, 23)),
        run_date=DAY,
    )
    days.load(DAY)
    assert runs(days) == {"100": "letter reviews: 0=S 1=L"}
    assert [verdicts(days)[str(n)] for n in (1, 11, 21, 22, 23)] == ["sampled", "sampled"] + ["other_ruler"] * 3


def test_a_label_on_one_review_in_hundreds_is_rare_and_in_ten_is_not(days: Days) -> None:
    days.stage(
        product("100", size_run=None),
        *labelled("M", 250, 1000),
        *labelled("2XL", 2, 2000, gender="female"),
        *labelled("S", 3, 3000, gender=None),
        product("101", size_run=None),
        *labelled("M", 9, 4000, product_id="101"),
        *labelled("2XL", 1, 5000, product_id="101", gender="female"),
        run_date=DAY,
    )
    days.load(DAY)
    assert runs(days) == {"100": "letter reviews: 0=S 1=M", "101": "letter reviews: 0=M 1=2XL"}
    assert [verdicts(days)[number] for number in ("2000", "2001", "3000", "5000")] == [
        "rare_size",
        "rare_size",
        "sampled",
        "sampled",
    ]


def test_a_review_finds_its_place_by_label_or_by_the_other_name_of_its_option(days: Days) -> None:
    days.stage(
        product(size_run='["090", "095", "100"]', size_ruler="chest"),
        review("1", size_label="M", size_alias="095"),
        review("2", size_label="100", size_ruler="chest"),
        review("3", size_label="M"),
        review("4", size_label="105", size_ruler="chest"),
        run_date=DAY,
    )
    days.load(DAY)
    assert sorted(days.rows("SELECT review_id, bought_label, size_index FROM mart.sample")) == [
        ("1", "095", 1),
        ("2", "100", 2),
    ]
    assert (verdicts(days)["3"], verdicts(days)["4"]) == ("other_ruler", "not_an_option")


BODIES: list[tuple[dict[str, Any], str]] = [
    ({}, "sampled"),
    ({"height_cm": None}, "no_body"),
    ({"weight_kg": None}, "no_body"),
    ({"height_cm": Decimal("17.5")}, "implausible_body"),
    ({"height_cm": Decimal("250.0")}, "implausible_body"),
    ({"weight_kg": Decimal("29.9")}, "implausible_body"),
    ({"weight_kg": Decimal("180.1")}, "implausible_body"),
    ({"height_cm": Decimal("200.0"), "weight_kg": Decimal("40.0")}, "implausible_body"),
    ({"height_cm": Decimal("120.0"), "weight_kg": Decimal("100.0")}, "implausible_body"),
    ({"height_cm": Decimal("140.0"), "weight_kg": Decimal("35.0")}, "sampled"),
    ({"height_cm": Decimal("200.0"), "weight_kg": Decimal("130.0")}, "sampled"),
    ({"gender": None}, "sampled"),
    ({"reviewed_on": None}, "sampled"),
    ({"size_label": None, "size_ruler": None}, "no_size"),
    ({"product_id": "404"}, "no_product"),
]


def test_every_review_is_a_sample_or_has_a_reason(days: Days) -> None:
    days.stage(product(), *(review(str(n), **stated) for n, (stated, _) in enumerate(BODIES)), run_date=DAY)
    days.load(DAY)
    assert verdicts(days) == {str(n): verdict for n, (_, verdict) in enumerate(BODIES)}


SAME: dict[str, Any] = {"height_cm": Decimal("170.0"), "weight_kg": Decimal("60.0")}


SECONDS: list[tuple[dict[str, Any], str]] = [
    ({}, "repeat"),
    ({"size_label": "L"}, "sampled"),
    ({"reviewed_on": date(2026, 11, 2)}, "sampled"),
    ({"reviewed_on": None}, "sampled"),
    ({"gender": "female"}, "sampled"),
    ({"weight_kg": Decimal("60.5")}, "sampled"),
    ({"product_id": "other"}, "sampled"),
]


def test_a_dated_review_repeats_only_an_equal_one(days: Days) -> None:
    rows: list[Any] = [product("other")]
    for n, (second, _) in enumerate(SECONDS):
        here = SAME | {"product_id": str(n)}
        rows += [product(str(n)), review(f"{n}9", **here), review(f"{n}10", **(here | second))]
    days.stage(*rows, run_date=DAY)
    days.load(DAY)
    found = verdicts(days)
    assert [(found[f"{n}9"], found[f"{n}10"]) for n in range(len(SECONDS))] == [
        ("sampled", verdict) for _, verdict in SECONDS
    ]


def test_a_repeat_stands_within_three_neighbours(days: Days) -> None:
    between = {product_id: [review(f"1{product_id}{n}", product_id=product_id) for n in range(count)]
               for product_id, count in (("2", 2), ("3", 3))}  # fmt: skip
    ends = [review(f"{n}{p}", product_id=p, **SAME) for p in between for n in ("", "9999")]
    days.stage(product("2"), product("3"), *between["2"], *between["3"], *ends, run_date=DAY)
    days.load(DAY)
    found = verdicts(days)
    assert (found["99992"], found["99993"]) == ("repeat", "sampled")


def test_an_undated_review_repeats_an_equal_body_of_any_size(days: Days) -> None:
    undated = SAME | {"reviewed_on": None}
    days.stage(
        product(),
        review("000000001", **undated),
        review("000000002", **undated, size_label="L", size_order=4.0),
        review("000000003", **(undated | {"gender": "female"})),
        run_date=DAY,
    )
    days.load(DAY)
    assert verdicts(days) == {"000000001": "sampled", "000000002": "repeat", "000000003": "sampled"}


def test_the_warehouse_and_a_file_find_the_same_repeats(days: Days) -> None:
    random = np.random.default_rng(7)
    labels = {"M": 3.0, "L": 4.0}
    rows = []
    for n in range(1, 241):
        label = str(random.choice(list(labels)))
        rows.append(
            review(
                str(n), product_id=str(random.choice(["100", "101"])),
                height_cm=None if random.random() < 0.05 else Decimal(170),
                weight_kg=Decimal(int(random.integers(60, 63))), gender=[None, "male"][int(random.random() < 0.9)],
                size_label=label, size_order=labels[label], size_option=f"{random.choice(['검정', '흰'])}/{label}",
                reviewed_on=[None, None, date(2026, 11, 1), date(2026, 11, 2)][int(random.integers(4))],
            )
        )  # fmt: skip
    page = [SAME | {"product_id": "102", "reviewed_on": None, "weight_kg": Decimal(60 + n)} for n in range(6)]
    rows += [review(str(n), **stated) for n, stated in enumerate([*page, *page[1:5]], start=301)]
    days.stage(product("100"), product("101"), product("102"), *rows, run_date=DAY)
    days.load(DAY)
    lines = [
        Line(row.product_id, row.height_cm, row.weight_kg, row.gender, row.size_label, row.size_option, row.reviewed_on)
        for row in rows
    ]
    expected = {
        row.review_id: "no_body" if row.height_cm is None else reason or "sampled"
        for row, reason in zip(rows, find_repeats(lines), strict=True)
    }
    assert {"sampled", "repeat", "scraped_twice", "no_body"} == set(expected.values())
    assert verdicts(days) == expected


def test_a_page_of_undated_reviews_that_stood_earlier_was_scraped_twice(days: Days) -> None:
    people = [(1, "S"), (2, "M"), (3, "L"), (4, "M"), (5, "L"), (6, "S")]
    again = people + [(7, "M"), (8, "S")] + people[1:5] + [(9, "M"), *people[0:2]]
    rows = [
        review(f"{number:09}", reviewed_on=None, weight_kg=Decimal(60 + person), size_label=size, size_option=size)
        for number, (person, size) in enumerate(again, start=1)
    ]
    days.stage(product(), *rows, run_date=DAY)
    days.load(DAY)
    assert [verdicts(days)[row.review_id] for row in rows] == (
        ["sampled"] * 8 + ["scraped_twice"] * 4 + ["sampled"] * 3
    )


TARGETS = {
    ("M", "true", False): (1.0, False),
    ("M", None, False): (1.0, False),
    ("M", "small", False): (1.7, False),
    ("M", "small", True): (1.35, False),
    ("M", "large", False): (0.3, False),
    ("M", "large", True): (0.65, False),
    ("S", "large", False): (0.0, True),
    ("XL", "small", True): (3.0, True),
    ("XL", "large", False): (2.3, False),
}


def test_fit_moves_the_target_inside_the_run(days: Days) -> None:
    rows = [
        review(str(n), size_label=label, fit=fit, fit_slight=slight) for n, (label, fit, slight) in enumerate(TARGETS)
    ]
    days.stage(product(), *rows, run_date=DAY)
    days.load(DAY)
    found = {(label, fit, slight): (round(target, 6), clipped) for label, fit, slight, target, clipped in days.rows(
        "SELECT bought_label, fit, fit_slight, target, is_clipped FROM mart.sample")}  # fmt: skip
    assert found == TARGETS


def test_a_halfs_targets_move_as_far_as_the_answers_of_the_other_half_say(days: Days) -> None:
    # product 100 is of half 1, product 101 of half 0; content buyers weigh 60 (M) and 70 (L), those who complain 65
    people = [("M", "true", 60)] * 3 + [("L", "true", 70)] * 3 + [("M", "small", 65)] * 50
    rows = [
        review(str(n), size_label=label, fit=fit, weight_kg=Decimal(kg), reviewed_on=DAY - timedelta(days=n))
        for n, (label, fit, kg) in enumerate(people, start=1)
    ]
    answered = [review(str(900 + n), product_id=product_id, fit="small", weight_kg=Decimal(44))
                for n, product_id in enumerate(("100", "101"))]  # fmt: skip
    days.stage(product(), product("101"), *rows, *answered, run_date=DAY)
    days.load(DAY)
    # (25 - .5 - .1 + 50 * .7) / 101 overall, then (23.4 + 50 * that) / 101: the answer of 44 kg counts too
    overall = (50 * 0.5 - 1.6 + 50 * 0.7) / 101
    learned = round((50 * 0.5 - 1.6 + 50 * overall) / 101, 4)
    shares = days.rows(
        "SELECT half, answers, share FROM mart.fit_share WHERE fit = 'small' AND NOT fit_slight ORDER BY half"
    )
    assert [(half, answers, float(share)) for half, answers, share in shares] == [(0, 51, learned), (1, 0, 0.7)]
    targets = dict(days.rows("SELECT review_id, target FROM mart.sample WHERE review_id IN ('900', '901')"))
    assert targets == pytest.approx({"900": 1.7, "901": 1 + learned})


def test_the_warehouse_and_the_file_reader_learn_the_same_shares(days: Days) -> None:
    random = np.random.default_rng(4)
    rows: list[Any] = []
    for number in range(600):
        size, fit = int(random.integers(4)), random.choice(["small", "true", "true", "large", ""])
        stated = {"mall": ("musinsa", "zigzag", "29cm")[number % 3], "product_id": str(100 + number % 2),
                  "gender": (None, "male")[int(random.integers(2))],
                  "size_label": ("S", "M", "L", "XL")[size], "fit": fit or None,
                  "fit_slight": fit not in ("", "true") and bool(random.integers(2)), "reviewed_on": DAY,
                  "height_cm": Decimal(int(random.normal(1700, 60))) / 10,
                  "weight_kg": Decimal(int(random.normal(600 + 60 * size, 60))) / 10}  # fmt: skip
        rows.append(review(str(number), **stated))
    products = [product(str(100 + n), mall=mall) for n in range(2) for mall in ("musinsa", "zigzag", "29cm")]
    days.stage(*products, *rows, run_date=DAY)
    days.load(DAY)
    columns = ["mall", "product_id", "gender", "height_cm", "weight_kg", "size_index", "fit", "fit_slight", "target"]
    samples = pd.DataFrame(days.rows(f"SELECT {', '.join(columns)} FROM mart.sample"), columns=columns)
    learned = learn_fit_shares(samples)
    assert learned["answers"].max() > 10
    keys = ["mall", "half", "fit", "fit_slight"]
    stored = pd.DataFrame(days.rows(f"SELECT {', '.join(keys)}, answers, share FROM mart.fit_share"),
                          columns=[*keys, "answers", "share"])  # fmt: skip
    pd.testing.assert_frame_equal(
        stored.astype({"share": float}).sort_values(keys, ignore_index=True),
        learned.sort_values(keys, ignore_index=True), check_dtype=False, atol=1.1e-4, rtol=0,
    )  # fmt: skip
    target, _ = move_targets(samples, learned, np.full(len(samples), 3.0))
    assert samples["target"].to_numpy(float) == pytest.approx(target, abs=1.1e-4)


def test_an_unknown_fit_weighs_less_only_where_the_mall_asks(days: Days) -> None:
    fresh = {"reviewed_on": DAY}
    days.stage(
        product(),
        product(mall="zigzag"),
        review("1", fit="true", **fresh),
        review("2", **fresh),
        review("3", mall="zigzag", **fresh),
        run_date=DAY,
    )
    days.load(DAY)
    assert dict(days.rows("SELECT review_id, weight FROM mart.sample")) == {"1": 1.0, "2": 0.7, "3": 1.0}


def test_the_weight_falls_with_age_counted_from_the_run_date(days: Days) -> None:
    weights = {0: 1.0, -3: 1.0, 365: 0.707107, 730: 0.5, 5000: 0.25, None: 1.0}
    reviewed = [None if age is None else DAY - timedelta(days=age) for age in weights]
    days.stage(product(), *(review(str(n), reviewed_on=day) for n, day in enumerate(reviewed)), run_date=DAY)
    days.load(DAY)
    found = dict(days.rows("SELECT review_id, weight FROM mart.sample"))
    assert [found[str(n)] for n in range(len(weights))] == pytest.approx(list(weights.values()), abs=1e-6)


def test_the_samples_of_a_past_day_hold_nothing_seen_later(days: Days) -> None:
    days.stage(product(), review("1"), run_date=DAY)
    days.stage(product("101", run_date=NEXT), review("2", run_date=NEXT, product_id="101"), run_date=NEXT)
    days.load(NEXT)
    days.load(DAY)
    assert sorted(days.rows("SELECT run_date, review_id FROM mart.sample")) == [(DAY, "1"), (NEXT, "2")]
    assert sorted(days.rows("SELECT run_date, review_id, reason FROM mart.excluded")) == []


def test_the_report_adds_up_to_the_reviews_of_core(days: Days) -> None:
    days.stage(
        product(),
        review("1"),
        review("2", height_cm=None),
        review("3", size_label="5XL", size_order=9.0),
        review("4", size_label=None, size_ruler=None),
        run_date=DAY,
    )
    (report,) = days.load(DAY)
    assert report["rows"] == {"sampled": 1, "no_body": 1, "not_an_option": 1, "no_size": 1}
    assert report["warnings"] == [
        "mart.sample: more than half of a mall's reviews are no samples: 1 rows, such as musinsa/1/4",
        "mart.excluded: a mall's buyers name sizes that its product pages do not offer, in more than a tenth of its "
        "reviews: 1 rows, such as musinsa/1/4",
    ]


def test_old_days_of_the_mart_leave_and_the_newest_stays(days: Days) -> None:
    for day in (DAY, NEXT, NEXT + timedelta(days=1)):
        days.stage(product(run_date=day), review("1", run_date=day), run_date=day)
        days.load(day)
    removed = warehouse.drop_old_samples(before=NEXT)
    assert removed == {"mart.size_run": 4, "mart.fit_share": 8, "mart.sample": 1, "mart.excluded": 0}
    assert sorted(days.rows("SELECT run_date FROM mart.sample")) == [(NEXT,), (NEXT + timedelta(days=1),)]
    warehouse.drop_old_samples(before=NEXT + timedelta(days=90))
    assert days.rows("SELECT run_date FROM mart.sample") == [(NEXT + timedelta(days=1),)]


def test_a_text_of_a_mall_is_data_and_never_sql(days: Days) -> None:
    hostile = "x'); DROP TABLE core.review; --"
    days.stage(
        product(hostile, name=hostile, size_run=f'["{hostile}", "M"]'),
        review("1", product_id=hostile, size_label=hostile, size_option=hostile),
        run_date=DAY,
    )
    days.load(DAY)
    assert days.rows("SELECT product_id, bought_label FROM mart.sample") == [(hostile, hostile)]
