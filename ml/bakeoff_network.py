"""Neural networks in Keras for the bake-off: one a product, and one for all products.

Keras and its backend are no part of the platform's lock; `make bakeoff` installs them into an environment of its own
(ml/bakeoff-requirements.in), and only there are these candidates run.

A network a product is trained as if alone, and yet all at once: the weights of every product lie side by side, a step
of Adam looks at all rows of each product, and nothing is shared, neither weights nor scales nor losses. One by one,
Keras would compile anew for each product, which takes longer than the training.
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from include.rules.size_run import order_of
from ml.candidates import body_columns, with_even_share
from ml.features import Products, Samples

_DECAY = 1e-3
_A_PRODUCT_RATE, _POOLED_RATE = 0.02, 0.002
_POOLED_BATCH, _EMBEDDED = 256, 8
_ASKED_AT_ONCE = 4096
_CLOSED = -1e9  # added to the logit of a size that a product does not have


@dataclass(frozen=True)
class NetworkAProduct:
    """One hidden layer for each product; a setting is its width and how many steps it learns."""

    name: str = "neural network a product"
    settings: tuple[tuple[int, int], ...] = ((4, 100), (8, 50), (8, 100))

    def chances(self, setting: tuple[int, int], products: Products, train: Samples, test: Samples) -> np.ndarray:
        width, steps = setting
        sizes = products.thresholds + 1
        most = int(sizes[test.product].max(initial=1))
        found = np.ones((len(test), most))
        known = np.intersect1d(np.unique(test.product), np.unique(train.product))
        own, asked = train.take(np.isin(train.product, known)), np.isin(test.product, known)
        if len(known):
            found[asked] = _side_by_side(known, own, test.take(asked), width, steps, most)
        return with_even_share(found, sizes[test.product])


@dataclass(frozen=True)
class PooledNetwork:
    """Two hidden layers for all products, which an embedding tells apart; a setting is their width and the epochs."""

    name: str = "neural network, pooled"
    settings: tuple[tuple[int, int], ...] = ((32, 10), (64, 10), (64, 20))

    def chances(self, setting: tuple[int, int], products: Products, train: Samples, test: Samples) -> np.ndarray:
        width, epochs = setting
        labels = sorted(
            {label for run in products.runs for label in run}, key=lambda label: (order_of(label) or 0, label)
        )
        column = [np.array([labels.index(label) for label in run], dtype=np.int64) for run in products.runs]
        closed = np.full((len(products), len(labels)), _CLOSED, dtype=np.float32)
        for product, columns in enumerate(column):
            closed[product, columns] = 0.0
        mean, spread = _scale(body_columns(train))

        def told(samples: Samples) -> list[np.ndarray]:
            body = ((body_columns(samples) - mean) / spread).astype(np.float32)
            return [body, samples.product.astype(np.int32), closed[samples.product]]

        bought = np.array([column[p][b] for p, b in zip(train.product, train.bought, strict=True)], dtype=np.int32)
        model = _pooled_model(len(mean), len(products), len(labels), width)
        model.fit(told(train), bought, batch_size=_POOLED_BATCH, epochs=epochs, verbose=0)
        chance = _softmax(np.asarray(model.predict(told(test), batch_size=_ASKED_AT_ONCE, verbose=0)))
        sizes = products.thresholds + 1
        found = np.zeros((len(test), int(sizes[test.product].max(initial=1))))
        for product in np.unique(test.product):
            rows = np.flatnonzero(test.product == product)
            found[rows, : sizes[product]] = chance[np.ix_(rows, column[product])]
        return with_even_share(found, sizes[test.product])


NETWORKS = (NetworkAProduct(), PooledNetwork())


def installed() -> bool:
    """Whether Keras is here."""
    return importlib.util.find_spec("keras") is not None


def side_by_side(owner: np.ndarray, columns: np.ndarray, products: int) -> tuple[np.ndarray, np.ndarray]:
    """(place x product x column, the place of each row): the rows of each product under one another, zero below."""
    order = np.argsort(owner, kind="stable")
    place = np.empty(len(owner), dtype=np.int64)
    place[order] = np.arange(len(owner)) - np.searchsorted(owner[order], owner[order])
    laid = np.zeros((int(place.max(initial=-1)) + 1, products, columns.shape[1]), dtype=np.float32)
    laid[place, owner] = columns
    return laid, place


def _side_by_side(known: np.ndarray, train: Samples, test: Samples, width: int, steps: int, sizes: int) -> np.ndarray:
    owner, asked_owner = np.searchsorted(known, train.product), np.searchsorted(known, test.product)
    count = np.bincount(owner, minlength=len(known))
    body, asked = body_columns(train), body_columns(test)
    scales = [_scale(body[owner == product]) for product in range(len(known))]
    mean, spread = (np.array(part) for part in zip(*scales, strict=True))
    laid, place = side_by_side(owner, (body - mean[owner]) / spread[owner], len(known))
    bought = np.zeros(laid.shape[:2], dtype=np.int32)
    weight = np.zeros(laid.shape[:2], dtype=np.float32)
    bought[place, owner], weight[place, owner] = train.bought, 1 / count[owner]
    model = _model_a_product(laid.shape[1:], width, sizes)
    model.fit(laid, bought, sample_weight=weight, batch_size=len(laid), epochs=steps, shuffle=False, verbose=0)
    questions, asked_place = side_by_side(asked_owner, (asked - mean[asked_owner]) / spread[asked_owner], len(known))
    told = np.asarray(model.predict(questions, batch_size=_ASKED_AT_ONCE, verbose=0))
    return _softmax(told[asked_place, asked_owner])


def _keras() -> Any:
    """Keras on JAX, from the same seed each time."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import keras  # only the bake-off's own environment has it

    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    return keras


def _model_a_product(shape: tuple[int, ...], width: int, sizes: int) -> Any:
    keras = _keras()
    products, columns = shape
    # each product's own loss is a mean over its rows, so their sum moves each product's weights as if it were alone
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    hidden = keras.layers.EinsumDense(
        "rpc,pch->rph", output_shape=(products, width), bias_axes="ph", activation="tanh",
        kernel_initializer=keras.initializers.RandomNormal(stddev=columns**-0.5),
    )  # fmt: skip
    told = keras.layers.EinsumDense(
        "rph,phk->rpk", output_shape=(products, sizes), bias_axes="pk",
        kernel_initializer=keras.initializers.RandomNormal(stddev=width**-0.5),
    )  # fmt: skip
    model = keras.Sequential([keras.Input(shape), hidden, told])
    model.compile(keras.optimizers.AdamW(_A_PRODUCT_RATE, weight_decay=_DECAY), loss)
    return model


def _pooled_model(columns: int, products: int, labels: int, width: int) -> Any:
    keras = _keras()
    body, product = keras.Input((columns,)), keras.Input((), dtype="int32")
    closed = keras.Input((labels,))
    known = keras.layers.Embedding(products, _EMBEDDED)(product)
    told = keras.layers.Concatenate()([body, known])
    for _ in range(2):
        told = keras.layers.Dense(width, activation="relu")(told)
    told = keras.layers.Add()([keras.layers.Dense(labels)(told), closed])
    model = keras.Model([body, product, closed], told)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(_POOLED_RATE, weight_decay=_DECAY), loss)
    return model


def _scale(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    spread = columns.std(axis=0)
    return columns.mean(axis=0), np.where(spread > 0, spread, 1.0)


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits.astype(float) - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
