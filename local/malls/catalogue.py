"""A generated mall whose truth is known: what is served, and the best accuracy that anybody can reach on it.

Pure: everything follows from the numbers asked for, the seed and the day. Review ids and bodies do not depend on the
day; only the dates move with it, so that the newest reviews always lie near "today".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from local.malls import buyers, garments
from local.malls.buyers import MAN, WOMAN
from local.malls.garments import Garment
from local.malls.goods import Product, Review, Stock
from local.malls.musinsa.trade import TRADE as MUSINSA
from local.malls.rule import SizeRule
from local.malls.trade import Trade


@dataclass(frozen=True)
class Catalogue:
    """The generated mall. Colour siblings are products of their own; `listed` says which of them a ranking holds."""

    products: Mapping[str, Product]
    reviews: Mapping[str, Review]
    rules: Mapping[str, SizeRule]  # by group
    stock: Stock
    trade: Trade

    def true_probabilities(
        self, product_id: str, gender: str | None, height_cm: float, weight_kg: float
    ) -> dict[str, float]:
        """P(size that fits) by label; gender male, female, or None for the mixture over the product's own buyers."""
        product = self.products[product_id]
        row = self._fitting(product, np.array([_woman(gender)]), np.array([height_cm]), np.array([weight_kg]))[0]
        return dict(zip(product.size_labels, row.tolist(), strict=True))

    def bought_probabilities(
        self, product_id: str, gender: str | None, height_cm: float, weight_kg: float
    ) -> dict[str, float]:
        """P(size bought) by label: flatter than the size that fits, since some take a neighbouring size."""
        product = self.products[product_id]
        fitting = np.array([list(self.true_probabilities(product_id, gender, height_cm, weight_kg).values())])
        return dict(zip(product.size_labels, self.rules[product.group].bought(fitting)[0].tolist(), strict=True))

    def bayes_optimal_exactness(self, of: str = "fitting") -> float:
        """The best share of exact hits that a table of (product, gender, body) can reach, over the reviews that state a
        body, of products with more than one size. `of`: the size that `fitting` names, or the one `bought`."""
        if of not in ("fitting", "bought"):
            raise ValueError(f"of={of!r}: known are 'fitting' and 'bought'")
        return float(np.mean(self._best[of]))

    def expected_review(self, review_id: str) -> dict[str, Any] | str:
        """What a faithful scraper makes of one review, in the words of the staging columns; the reason code of its
        quarantine where it is to be refused."""
        review = self.reviews[review_id]
        product = self.products[review.product_id]
        fit, slight = self.trade.fit_truth.get(review.fit_answer or "", (None, False))
        row: dict[str, Any] = {
            "review_id": review.review_id,
            "product_id": review.product_id,
            "gender": {WOMAN: "female", MAN: "male", None: None}[review.gender],
            "height_cm": review.height,
            "weight_kg": review.weight,
            "size_option": review.size_option,
            "size_label": product.size_labels[review.bought_index or 0],
            "fit": fit,
            "fit_slight": slight,
            "rating": review.rating,
            "reviewed_on": review.created_at.date() if review.created_at else None,
        }
        return self.trade.expected_review(review, product, row)

    def expected_product(self, product_id: str) -> dict[str, Any]:
        """What a faithful scraper makes of one listed product, in the words of the staging columns, JSON read."""
        product = self.products[product_id]
        row: dict[str, Any] = {
            "product_id": product_id,
            "category": product.category,
            "mall_category": product.mall_category,
            "name": product.name,
            "brand": product.brand,
            "gender": product.gender,
            "price_krw": product.price_krw,
            "size_options": list(product.axes[product.size_axis].values),
            "size_run": list(product.size_labels),
            "size_ruler": product.size_ruler,
            "sold_out": list(product.sold_out),
        }
        return self.trade.expected_product(product, row)

    def _fitting(self, product: Product, women: np.ndarray, heights: np.ndarray, weights: np.ndarray) -> np.ndarray:
        rule = self.rules[product.group]
        asked = np.where(np.isnan(women), rule.women_probability(heights, weights), women)[:, None]
        ladies = rule.fitting(np.ones(len(women)), heights, weights)
        return asked * ladies + (1 - asked) * rule.fitting(np.zeros(len(women)), heights, weights)

    @cached_property
    def _best(self) -> dict[str, np.ndarray]:
        by_group: dict[str, list[Review]] = {}
        for review in self.reviews.values():
            if review.height is not None and review.weight is not None:
                by_group.setdefault(self.products[review.product_id].group, []).append(review)
        best: dict[str, list[np.ndarray]] = {"fitting": [np.empty(0)], "bought": [np.empty(0)]}
        for group, reviews in by_group.items():
            if self.rules[group].thresholds:
                women = np.array([_woman({WOMAN: "female", MAN: "male"}.get(r.gender or "")) for r in reviews])
                body = np.array([(r.height, r.weight) for r in reviews], dtype=float)
                fitting = self._fitting(self.products[group], women, body[:, 0], body[:, 1])
                best["fitting"].append(fitting.max(axis=1))
                best["bought"].append(self.rules[group].bought(fitting).max(axis=1))
        return {name: np.concatenate(parts) for name, parts in best.items()}


def generate(
    products: int = 100,
    reviews: int = 10_000,
    seed: int = 20_261,
    day: date = date(2026, 11, 1),
    trade: Trade = MUSINSA,
) -> Catalogue:
    """A mall with `products` listed products and `reviews` reviews whose newest lie shortly before the end of `day`."""
    rng = np.random.default_rng([seed, *trade.salt])
    made = garments.generate(products, rng, trade)
    weights = np.array([garment.popularity for garment in made])
    counts = rng.multinomial(reviews, weights / weights.sum())
    numbered = buyers.reviews_of(made, counts.tolist(), day, rng, trade)
    all_products = {product.product_id: product for garment in made for product in garment.products}
    stock = Stock(
        products=all_products,
        rankings=_rankings(made, counts, rng, trade),
        siblings={p.product_id: tuple(q.product_id for q in g.products) for g in made for p in g.products},
        reviews=_by_group(numbered, all_products),
        codes=trade.codes,
    )
    rules = {garment.products[0].group: garment.rule for garment in made}
    return Catalogue(all_products, {review.review_id: review for review in numbered}, rules, stock, trade)


def _by_group(reviews: list[Review], products: Mapping[str, Product]) -> dict[str, list[Review]]:
    grouped: dict[str, list[Review]] = {}
    for review in reviews:
        grouped.setdefault(products[review.product_id].group, []).append(review)
    return {group: sorted(some, key=lambda r: (-r.likes, -int(r.review_id))) for group, some in grouped.items()}


def _rankings(made: list[Garment], counts: np.ndarray, rng: np.random.Generator, trade: Trade) -> dict[str, list[str]]:
    """Best first: popularity with the day's noise. A product stands in every ranking that its shelf names."""
    scored = [
        (-(count + 1) * float(np.exp(rng.normal(0, 0.3))), product)
        for garment, count in zip(made, counts, strict=True)
        for product in garment.products
        if product.listed
    ]
    places = {shelf.code: shelf.rankings for shelves in trade.shelves.values() for shelf in shelves}
    rankings: dict[str, list[str]] = {}
    for _, product in sorted(scored, key=lambda pair: (pair[0], pair[1].product_id)):
        for place in places[product.mall_category or ""]:
            rankings.setdefault(place, []).append(product.product_id)
    return rankings


def _woman(gender: str | None) -> float:
    return {"female": 1.0, "male": 0.0, None: np.nan}[gender]
