"""The likelihood of sizes bought, summed for each product: P(size > k) = sigmoid(slopes . body_terms - threshold_k).

Products with the same thresholds on the same ruler are one batch of equal shape. Sums are all that a Newton step
needs: the gradient and the expected information of thresholds and slopes, so that nothing else ever walks the reviews.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ml.features import BODY_TERMS, Products, Samples, body_terms

TERMS = len(BODY_TERMS)
# Thresholds that cross would make a size's chance zero or less.
_TINY = 1e-5


@dataclass(frozen=True)
class Batch:
    """Products with the same ruler and thresholds, and their reviews; a fractional target is two weighted sizes."""

    ruler: int
    products: np.ndarray  # indices into Products
    places: np.ndarray  # of the thresholds, on the ruler
    threshold: np.ndarray  # products x thresholds, indices into Products.place
    owner: np.ndarray  # of each observation, a position in `products`, ascending
    sample: np.ndarray
    terms: np.ndarray
    size: np.ndarray
    weight: np.ndarray
    usual: np.ndarray  # products x sizes: what its buyers buy, whatever their body

    @property
    def width(self) -> int:
        """How many values a product has: its thresholds and its slopes."""
        return len(self.places) + TERMS

    def sums(self, value: np.ndarray, lapses: float, some: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Gradient (products x width) and information (products x width x width) at `value`, over some observations.

        A share of buyers, `lapses`, buys what is usual; a review that only they explain hardly counts.
        """
        which = slice(None) if some is None else some
        owner, terms = self.owner[which], self.terms[which]
        steep, info = self._by_margin(value, lapses, which)
        thresholds = len(self.places)
        inner = info[:, :thresholds].copy()
        inner[:, :-1] += info[:, thresholds:]
        inner[:, 1:] += info[:, thresholds:]
        total, left, right = inner.sum(axis=1), *np.triu_indices(TERMS)
        columns = np.hstack([
            -steep, terms * steep.sum(axis=1)[:, None], info,
            (inner[:, :, None] * terms[:, None, :]).reshape(len(owner), thresholds * TERMS),
            terms[:, left] * terms[:, right] * total[:, None],
        ])  # fmt: skip
        begin = np.searchsorted(owner, np.arange(len(self.products) + 1))
        adder = sparse.csr_matrix((np.ones(len(owner)), np.arange(len(owner)), begin), (len(self.products), len(owner)))
        return _unpack(adder @ columns, thresholds)

    def _by_margin(self, value: np.ndarray, lapses: float, which: slice | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Each observation's slope by margin, and its information: the diagonal, then beside it."""
        owner, size = self.owner[which], self.size[which]
        thresholds, row = len(self.places), np.arange(len(owner))
        score = np.einsum("ij,ij->i", self.terms[which], value[owner, thresholds:])
        above = 1 / (1 + np.exp(np.clip(value[owner, :thresholds] - score[:, None], -40, 40)))
        full = np.hstack([np.ones((len(row), 1)), above, np.zeros((len(row), 1))])
        chance = np.maximum(full[:, :-1] - full[:, 1:], _TINY)
        curve, own = full * (1 - full), chance[row, size]
        follows = (1 - lapses) * own / ((1 - lapses) * own + lapses * self.usual[owner, size]) * self.weight[which]
        steep = np.zeros_like(full)
        steep[row, size] += follows * curve[row, size] / own
        steep[row, size + 1] -= follows * curve[row, size + 1] / own
        curve = curve[:, 1:-1]
        diagonal = curve**2 * (1 / chance[:, :-1] + 1 / chance[:, 1:])
        beside = -curve[:, :-1] * curve[:, 1:] / chance[:, 1:-1]
        return steep[:, 1:-1], follows[:, None] * np.hstack([diagonal, beside])


def _unpack(summed: np.ndarray, thresholds: int) -> tuple[np.ndarray, np.ndarray]:
    width, at = thresholds + TERMS, np.arange(thresholds)
    ends = np.cumsum([width, thresholds, thresholds - 1, thresholds * TERMS])
    gradient, diagonal, beside, cross, slopes = np.split(summed, ends, axis=1)
    info = np.zeros((len(summed), width, width))
    info[:, at, at] = diagonal
    info[:, at[:-1], at[1:]] = info[:, at[1:], at[:-1]] = beside
    cross = -cross.reshape(-1, thresholds, TERMS)
    info[:, :thresholds, thresholds:] = cross
    info[:, thresholds:, :thresholds] = cross.transpose(0, 2, 1)
    left, right = np.triu_indices(TERMS)
    info[:, thresholds + left, thresholds + right] = info[:, thresholds + right, thresholds + left] = slopes
    return gradient, info


def batches(samples: Samples, products: Products) -> list[Batch]:
    """All products with two sizes or more, also those without a review. Samples are in product order."""
    names = sorted(set(products.ruler))
    keys: dict[tuple, list[int]] = {}
    for product, ruler in enumerate(products.ruler):
        places = products.place[products.first[product] : products.first[product + 1]]
        if len(places):
            keys.setdefault((names.index(ruler), tuple(places)), []).append(product)
    order = {key: at for at, key in enumerate(sorted(keys))}
    batch_of = np.full(len(products), -1)
    for key, members in keys.items():
        batch_of[members] = order[key]
    of_sample = batch_of[samples.product]
    by_batch = np.argsort(of_sample, kind="stable")  # product order within a batch
    begin = np.searchsorted(of_sample[by_batch], np.arange(len(order) + 1))
    return [
        _batch(key, np.array(keys[key]), by_batch[begin[at] : begin[at + 1]], samples, products)
        for key, at in order.items()
    ]


def _batch(key: tuple, members: np.ndarray, rows: np.ndarray, samples: Samples, products: Products) -> Batch:
    ruler, places = key
    target = samples.target[rows]
    low = np.clip(np.floor(target), 0, len(places)).astype(np.int64)
    part = target - low
    between = part > 0
    sample = np.concatenate([rows, rows[between]])
    order = np.argsort(sample, kind="stable")
    sample = sample[order]
    size = np.concatenate([low, low[between] + 1])[order]
    weight = np.concatenate([1 - part, part[between]])[order] * samples.weight[sample]
    owner = np.searchsorted(members, samples.product[sample])
    bought = np.bincount(owner * (len(places) + 1) + size, weight, len(members) * (len(places) + 1))
    bought = bought.reshape(len(members), -1) + 1.0
    terms = body_terms(samples.height_cm[sample], samples.weight_kg[sample], samples.gender[sample])
    return Batch(
        ruler, members, np.array(places), products.first[members][:, None] + np.arange(len(places)), owner, sample,
        terms, size, weight, bought / bought.sum(axis=1, keepdims=True),
    )  # fmt: skip
