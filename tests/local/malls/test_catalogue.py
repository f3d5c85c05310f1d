"""The generated mall keeps its promises: exact counts, a known best accuracy, answers that fit the truth."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from local.malls import catalogue
from local.malls.catalogue import Catalogue

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def mall() -> Catalogue:
    return catalogue.generate(100, 10_000, seed=1, day=DAY)


def test_it_holds_exactly_what_was_asked_for(mall: Catalogue) -> None:
    assert sum(product.listed for product in mall.products.values()) == 100
    assert len(mall.reviews) == mall.stock.review_count() == 10_000
    assert sorted(mall.stock.rankings["000000"]) == sorted(key for key, p in mall.products.items() if p.listed)


@pytest.mark.parametrize(("products", "reviews"), [(1, 0), (1, 5), (3, 1)])
def test_a_tiny_mall_works(products: int, reviews: int) -> None:
    small = catalogue.generate(products, reviews, seed=3)
    assert len(small.stock.rankings["000000"]) == products
    assert len(small.reviews) == reviews


def test_the_same_seed_gives_the_same_mall_and_another_day_only_moves_the_dates(mall: Catalogue) -> None:
    again = catalogue.generate(100, 10_000, seed=1, day=DAY + timedelta(days=3))
    assert again.products == mall.products
    assert list(again.reviews) == list(mall.reviews)
    for first, second in zip(mall.reviews.values(), again.reviews.values(), strict=True):
        assert second.created_at - first.created_at == timedelta(days=3)
        assert (first.height, first.size_option, first.content) == (second.height, second.size_option, second.content)
    assert list(catalogue.generate(100, 10_000, seed=2, day=DAY).products) != list(mall.products)


def test_the_newest_reviews_lie_shortly_before_the_end_of_the_day(mall: Catalogue) -> None:
    days = [review.created_at.date() for review in mall.reviews.values()]
    assert max(days) == DAY
    assert min(days) < DAY - timedelta(days=365)
    numbers = [int(review.review_id) for review in mall.reviews.values()]
    assert numbers == sorted(numbers)
    assert days == sorted(days)


@pytest.mark.parametrize("seed", [1, 5, 20_261])
def test_the_best_possible_exactness_lies_between_55_and_70_percent(seed: int) -> None:
    made = catalogue.generate(100, 10_000, seed)
    assert 0.55 <= made.bayes_optimal_exactness("bought") < made.bayes_optimal_exactness() <= 0.70


@pytest.mark.parametrize(("of", "truth"), [("fitting", "fitting_index"), ("bought", "bought_index")])
def test_who_knows_the_probabilities_hits_just_as_often_as_promised(mall: Catalogue, of: str, truth: str) -> None:
    words = {"여성": "female", "남성": "male", None: None}
    hits = []
    for review in list(mall.reviews.values())[::3]:
        product = mall.products[review.product_id]
        if review.height is None or review.weight is None or len(product.size_labels) == 1:
            continue
        ask = mall.true_probabilities if of == "fitting" else mall.bought_probabilities
        odds = ask(review.product_id, words[review.gender], review.height, review.weight)
        hits.append(max(odds, key=odds.get) == product.size_labels[getattr(review, truth)])
    error = (0.25 / len(hits)) ** 0.5
    assert np.mean(hits) == pytest.approx(mall.bayes_optimal_exactness(of), abs=4 * error)


def test_an_unknown_kind_of_exactness_is_refused(mall: Catalogue) -> None:
    with pytest.raises(ValueError, match="'fitting' and 'bought'"):
        mall.bayes_optimal_exactness("worn")


def test_probabilities_sum_to_one_and_a_larger_body_never_needs_a_smaller_size(mall: Catalogue) -> None:
    for product_id in mall.products:
        for gender in ("male", "female"):
            rows = [mall.true_probabilities(product_id, gender, 170, weight) for weight in range(40, 120, 8)]
            rows += [mall.true_probabilities(product_id, gender, 190, 112)]
            below = np.cumsum([list(row.values()) for row in rows], axis=1)
            assert np.allclose(below[:, -1], 1)
            assert (np.diff(below, axis=0) <= 1e-12).all()


def test_without_a_gender_the_answer_is_a_mixture_of_both(mall: Catalogue) -> None:
    product_id = next(key for key, product in mall.products.items() if product.gender == "unisex")
    sides = [mall.true_probabilities(product_id, gender, 168, 60) for gender in ("male", "female")]
    middle = mall.true_probabilities(product_id, None, 168, 60)
    for label, value in middle.items():
        low, high = sorted(side[label] for side in sides)
        assert low - 1e-12 <= value <= high + 1e-12
    assert sum(mall.true_probabilities(product_id, None, 140, 130).values()) == pytest.approx(1)


def test_fit_answers_tell_how_the_bought_size_stands_to_the_fitting_one(mall: Catalogue) -> None:
    said: dict[int, Counter[str]] = {-1: Counter(), 0: Counter(), 1: Counter()}
    for review in mall.reviews.values():
        fit = mall.expected_review(review.review_id)["fit"]
        if fit is not None:
            said[int(np.sign(review.bought_index - review.fitting_index))][str(fit)] += 1
    assert said[-1]["large"] == said[1]["small"] == 0
    assert said[-1]["small"] / said[-1].total() > 0.8
    assert said[1]["large"] / said[1].total() > 0.8
    assert said[0]["true"] / said[0].total() > 0.85


def test_reviews_leave_things_out_at_realistic_rates(mall: Catalogue) -> None:
    reviews = list(mall.reviews.values())
    shares = {
        "body": np.mean([review.height is None for review in reviews]),
        "gender": np.mean([review.gender is None for review in reviews]),
        "fit": np.mean([review.fit_answer is None for review in reviews]),
        "hidden": np.mean([not review.shown for review in reviews]),
    }
    assert 0.08 < shares["body"] < 0.14
    assert 0.05 < shares["gender"] < 0.10
    assert 0.12 < shares["fit"] < 0.25
    assert 0.02 < shares["hidden"] < 0.06
    assert all(r.gender is None and r.height is None and r.weight is None for r in reviews if not r.shown)


def test_bodies_look_like_korean_adults(mall: Catalogue) -> None:
    for gender, height, weight in (("남성", 173.4, 72.4), ("여성", 160.3, 56.2)):
        bodies = [(r.height, r.weight) for r in mall.reviews.values() if r.gender == gender and r.weight is not None]
        means, correlation = np.mean(bodies, axis=0), np.corrcoef(np.transpose(bodies))[0, 1]
        assert means == pytest.approx([height, weight], abs=0.7)
        assert 0.3 < correlation < 0.55


def test_colour_siblings_share_their_reviews_and_rankings_hold_listed_products_only(mall: Catalogue) -> None:
    groups = [ids for ids in mall.stock.siblings.values() if len(ids) > 1]
    assert groups
    for ids in groups:
        named = {review.product_id for review in mall.stock.reviews_of(ids[0])}
        assert named <= set(ids)
        assert mall.stock.reviews_of(ids[0]) is mall.stock.reviews_of(ids[1])
    assert any(not mall.products[number].listed for ids in groups for number in ids)
    ranked = {number for ids in mall.stock.rankings.values() for number in ids}
    assert all(mall.products[number].listed for number in ranked)


def test_option_texts_and_sold_out_sizes_come_from_the_options(mall: Catalogue) -> None:
    offered = {key: {p.option_text(choice) for choice in p.combinations()} for key, p in mall.products.items()}
    assert all(review.size_option in offered[review.product_id] for review in mall.reviews.values())
    sold_out = [product for product in mall.products.values() if product.sold_out]
    assert 3 <= len(sold_out) <= 40
    only_colour = [p for p in mall.products.values() if p.out_of_stock and not p.sold_out]
    assert only_colour
    for product in mall.products.values():
        assert len(product.axes[product.size_axis].values) == len(product.size_labels)
        assert set(product.sold_out) < set(product.size_labels) or not product.sold_out


def test_all_rulers_and_audiences_occur_and_few_products_have_most_reviews(mall: Catalogue) -> None:
    products = catalogue.generate(400, 0, seed=4).products.values()
    assert {p.size_ruler for p in products} == {"letter", "chest", "korean", "inch", "brand", "free"}
    assert {p.gender for p in products} == {"men", "women", "unisex"}
    assert {p.category for p in products} == {"tops", "outer", "bottoms"}
    counts = sorted((len(reviews) for reviews in mall.stock.reviews.values()), reverse=True)
    assert sum(counts[:10]) > 0.3 * sum(counts)
    assert counts[-1] < 25


def test_a_product_that_runs_small_measures_less_in_its_chart() -> None:
    products = [p for p in catalogue.generate(300, 0, seed=9).products.values() if p.chart]
    assert any(p.chart.values_key == "values" for p in products)
    assert any(isinstance(value, str) for p in products for _, row in p.chart.rows for value in row)
    assert any(value is None for p in products for _, row in p.chart.rows for value in row)
    for product in products:
        first, last = product.chart.rows[0][1][0], product.chart.rows[-1][1][0]
        assert len(product.chart.rows) == 1 or float(last) > float(first)
