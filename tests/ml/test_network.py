"""The small monotone network: what it learns, and the laws that it keeps whatever its weights."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from ml import network as network_module
from ml import training
from ml.body import HEIGHTS, WEIGHTS
from ml.effects import fit_effects_by_fold
from ml.features import encode_products, encode_samples, folds
from ml.model import Settings
from ml.network import Network, between, cells, from_document, to_document, train_network
from tests.ml.invented import invent


def rows(count: int = 4000, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Bodies, contexts, whether above, weights: the chance bends with the third input, one way or the other."""
    draw = np.random.default_rng(seed)
    body, context = draw.normal(size=(count, 3)), draw.normal(size=(count, 5))
    margin = 2.5 * np.tanh(2 * body[:, 2]) + np.where(context[:, 0] > 0, np.maximum(body[:, 1], 0) * 2, 0)
    above = (draw.random(count) < 1 / (1 + np.exp(-margin))).astype(float)
    return body, context.astype(np.float32), above, np.ones(count)


@pytest.fixture(scope="module")
def trained() -> Network:
    return train_network(*rows(), seed=1)


def test_slopes_are_those_of_the_loss() -> None:
    draw = np.random.default_rng(0)
    weights = {name: one.astype(float) for name, one in network_module._beginning(3, 5, draw).items()}
    told, known = draw.normal(size=(20, 3)), draw.normal(size=(20, 5))
    above, weight = draw.random(20), draw.random(20)

    def loss() -> float:
        first = np.tanh(told @ weights["rise1"] + known @ weights["free1"] + weights["shift1"])
        second = np.tanh(first @ weights["rise2"] + known @ weights["free2"] + weights["shift2"])
        margin = (second @ weights["rise3"] + known @ weights["free3"] + weights["shift3"])[:, 0]
        return float((weight * (np.log1p(np.exp(margin)) - above * margin)).mean())

    slopes = network_module._slopes(weights, told, known, above, weight)
    assert slopes.keys() == weights.keys()
    for name, one in weights.items():
        place = np.unravel_index(one.size // 2, one.shape)
        before = one[place]
        one[place] = before + 1e-5
        higher = loss()
        one[place] = before - 1e-5
        lower = loss()
        one[place] = before
        assert slopes[name][place] == pytest.approx((higher - lower) / 2e-5, rel=1e-4, abs=1e-9), name


def test_it_learns_what_a_straight_line_cannot_tell(trained: Network) -> None:
    body, context, above, _ = rows(seed=4)
    chance = 1 / (1 + np.exp(-trained.margin(body, context)))
    loss = -np.log(np.where(above > 0, chance, 1 - chance)).mean()
    true = 2.5 * np.tanh(2 * body[:, 2]) + np.where(context[:, 0] > 0, np.maximum(body[:, 1], 0) * 2, 0)
    best = np.logaddexp(0, np.where(above > 0, -true, true)).mean()
    slopes = np.linalg.lstsq(np.column_stack([body, context]), true, rcond=None)[0]
    straight = np.column_stack([body, context]) @ slopes
    line = np.logaddexp(0, np.where(above > 0, -straight, straight)).mean()
    assert loss < (best + line) / 2


def test_a_margin_never_falls_as_a_body_grows(trained: Network) -> None:
    draw = np.random.default_rng(5)
    body, context = draw.normal(size=(500, 3)) * 3, draw.normal(size=(500, 5)).astype(np.float32) * 3
    for at in range(3):
        more = body.copy()
        more[:, at] += draw.random(500)
        assert (trained.margin(more, context) >= trained.margin(body, context) - 1e-5).all()


def test_the_same_rows_give_the_same_weights(trained: Network) -> None:
    assert to_document(train_network(*rows(), seed=1)) == to_document(trained)
    assert to_document(train_network(*rows(), seed=2)) != to_document(trained)


def test_few_equal_rows_are_no_crash() -> None:
    body, context, above, weight = (one[:3] for one in rows())
    found = train_network(body * 0, context * 0, above, weight, seed=0)
    assert np.isfinite(found.margin(body, context)).all()


def test_a_context_beyond_what_was_seen_is_taken_for_its_edge(trained: Network) -> None:
    body = np.zeros((1, 3))
    edge = trained.margin(body, trained.context_high[None])
    assert trained.margin(body, trained.context_high[None] + 5) == edge


def test_one_context_serves_all_nodes_of_a_grid(trained: Network) -> None:
    draw = np.random.default_rng(6)
    body, context = draw.normal(size=(4, 7, 3)), draw.normal(size=(4, 5)).astype(np.float32)
    one_by_one = [
        trained.margin(nodes, np.repeat(around[None], 7, axis=0)) for nodes, around in zip(body, context, strict=True)
    ]
    assert np.allclose(trained.margin(body, context), one_by_one, atol=1e-5)


def test_cells_lie_between_their_nodes_and_rise_with_them() -> None:
    draw = np.random.default_rng(7)
    nodes = draw.random((2, *network_module._SHAPE)).cumsum(axis=1).cumsum(axis=2)
    grid = cells(nodes)
    height, weight = (axis.reshape(-1).astype(float) for axis in np.meshgrid(HEIGHTS, WEIGHTS, indexing="ij"))
    for which in range(2):
        alone = between(nodes, np.full(height.shape, which), height, weight)
        assert np.allclose(grid[which].reshape(-1), alone, atol=1e-9)
    assert (np.diff(grid, axis=1) > 0).all()
    assert (np.diff(grid, axis=2) > 0).all()
    assert np.allclose(grid[:, ::5, ::5], nodes)


def test_bodies_off_the_nodes_are_as_at_their_edge() -> None:
    nodes = np.arange(np.prod(network_module._SHAPE), dtype=float).reshape(1, *network_module._SHAPE)
    found = between(nodes, np.zeros(2, dtype=np.int64), np.array([100.0, 250.0]), np.array([10.0, 300.0]))
    assert found.tolist() == [nodes[0, 0, 0], nodes[0, -1, -1]]


def test_a_file_holds_a_network_to_the_bit(trained: Network) -> None:
    again = from_document(json.loads(json.dumps(to_document(trained))))
    body, context, *_ = rows(50)
    assert np.array_equal(again.margin(body, context), trained.margin(body, context))
    assert again.rise1.dtype == np.float32
    assert to_document(replace(again)) == to_document(trained)


def test_some_reviews_are_learned_from_as_if_their_product_had_none() -> None:
    products_frame, samples_frame = invent(products=9, reviews=60)
    products = encode_products(products_frame)
    samples = encode_samples(samples_frame, products)
    fold = folds(samples.group, 5)
    known, also = (
        training._training_rows(
            samples, products, settings, fold, fit_effects_by_fold(samples, products, settings.shrinkage, fold)
        )
        for settings in (Settings(masked_share=0.0, stranger_share=0.0), Settings(masked_share=0.0, stranger_share=1.0))
    )
    assert not known.masked.any()
    assert also.masked.sum() == len(known.fold)  # each once more
    assert np.array_equal(np.sort(also.sample[also.masked]), np.sort(known.sample))
    certainty = 9  # of the columns of ml.network.context: three genders, a threshold, five slopes before it
    assert also.context[also.masked, certainty].max() < known.context[:, certainty].min()
