"""A small monotone network: the smooth part of a margin, between the effects and the trees.

What the effects say of a body, and the body itself, go through two layers whose weights are never below zero, so that
the margin never falls as a body grows; what is the same over a product's grid (gender, threshold, slopes, ...) goes in
freely. It learns what all products share and the effects' straight lines cannot tell. Asked for tables, it answers at
nodes 5 cm and 5 kg apart, and cells lie on planes between them: a network that smooth is known by its nodes, and what
lies between two that rise rises too.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ml.body import HEIGHTS, WEIGHTS
from ml.effects import Effects
from ml.features import GENDERS, Products, body_terms

_FIRST, _SECOND = 32, 16  # units of the layers
_BATCH, _EPOCHS, _FEWEST, _MOST = 512, 12, 200, 2500  # rows, times through the rows, steps
_RATE, _DECAY, _KEEP, _KEEP_SQUARES = 1e-2, 1e-4, 0.9, 0.999  # Adam's usual ones
_STEP = 5  # cm and kg from node to node


def _nodes(grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of one axis, and how much of each a cell is made of: nodes x cells."""
    nodes = np.arange(grid[0], grid[-1] + _STEP, _STEP).astype(float)
    return nodes, np.maximum(0.0, 1 - np.abs(nodes[:, None] - grid[None, :]) / _STEP)


_HEIGHT_NODES, _BY_HEIGHT = _nodes(HEIGHTS)
_WEIGHT_NODES, _BY_WEIGHT = _nodes(WEIGHTS)
_NODES = [axis.reshape(-1) for axis in np.meshgrid(_HEIGHT_NODES, _WEIGHT_NODES, indexing="ij")]
_SHAPE = (len(_HEIGHT_NODES), len(_WEIGHT_NODES))


@dataclass(frozen=True)
class Network:
    """margin = (tanh(tanh(body rise1 + context free1 + shift1) rise2 + context free2 + shift2)) rise3 + context free3.

    body is height, weight and what the effects say; context is what is constant over a grid. Arrays are float32.
    """

    body_middle: np.ndarray
    body_spread: np.ndarray
    context_middle: np.ndarray
    context_spread: np.ndarray
    context_low: np.ndarray  # as seen in training: what lies outside is taken for its edge
    context_high: np.ndarray
    rise1: np.ndarray
    free1: np.ndarray
    shift1: np.ndarray
    rise2: np.ndarray
    free2: np.ndarray
    shift2: np.ndarray
    rise3: np.ndarray
    free3: np.ndarray
    shift3: np.ndarray

    def margin(self, body: np.ndarray, context: np.ndarray) -> np.ndarray:
        """One margin for each row of body; the rows of context, at the same place, or one for each axis before it.

        body: ... x 3 or grids x nodes x 3; context: ... x its width, or grids x its width.
        """
        told = ((body - self.body_middle) / self.body_spread).astype(np.float32)
        around = np.clip(context, self.context_low, self.context_high)
        around = ((around - self.context_middle) / self.context_spread).astype(np.float32)
        first, second, third = (
            around @ weights + shift
            for weights, shift in ((self.free1, self.shift1), (self.free2, self.shift2), (self.free3, self.shift3))
        )
        if told.ndim > around.ndim:  # one context for all nodes of a grid
            first, second, third = first[:, None], second[:, None], third[:, None]
        hidden = np.tanh(np.tanh(told @ self.rise1 + first) @ self.rise2 + second)
        return (hidden @ self.rise3 + third)[..., 0].astype(float)

    def grids(self, products: Products, effects: Effects, product: np.ndarray, threshold: np.ndarray,
              gender: int) -> np.ndarray:  # fmt: skip
        """Margins at the nodes for rows of product and threshold: rows x height nodes x weight nodes, never falling."""
        side = np.full(len(product), gender)
        terms = body_terms(_NODES[0], _NODES[1], np.full(len(_NODES[0]), gender))
        certainty, level = effects.certainty[threshold, side], effects.threshold[threshold]
        said = certainty[:, None] * (effects.slopes[product] @ terms.T - level[:, None])
        body = np.empty((*said.shape, 3))
        body[..., :2], body[..., 2] = terms[:, :2], said
        nodes = self.margin(body, context(products, effects, product, threshold, side)).reshape(-1, *_SHAPE)
        return np.maximum.accumulate(np.maximum.accumulate(nodes, axis=1), axis=2)  # single precision rounds


def cells(nodes: np.ndarray) -> np.ndarray:
    """Grids x heights x weights, on planes between the nodes."""
    return _BY_HEIGHT.T @ (nodes @ _BY_WEIGHT)


def between(nodes: np.ndarray, grid: np.ndarray, height_cm: np.ndarray, weight_kg: np.ndarray) -> np.ndarray:
    """The same at any bodies, row by row; `grid` is each one's grid. Beyond the nodes it is as at their edge."""
    row, high = _place(height_cm, _HEIGHT_NODES)
    column, heavy = _place(weight_kg, _WEIGHT_NODES)
    return (
        (nodes[grid, row, column] * (1 - heavy) + nodes[grid, row, column + 1] * heavy) * (1 - high)
        + (nodes[grid, row + 1, column] * (1 - heavy) + nodes[grid, row + 1, column + 1] * heavy) * high
    )  # fmt: skip


def _place(value: np.ndarray, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The node below, and how far the value is on its way to the next."""
    steps = np.clip((value - nodes[0]) / _STEP, 0, len(nodes) - 1)
    below = np.minimum(steps.astype(np.int64), len(nodes) - 2)
    return below, steps - below


def body_inputs(effects: Effects, product: np.ndarray, threshold: np.ndarray, height_cm: np.ndarray,
                weight_kg: np.ndarray, gender: np.ndarray) -> np.ndarray:  # fmt: skip
    """Height, weight and what the effects say, row by row."""
    terms = body_terms(height_cm, weight_kg, gender)
    said = effects.margin(effects.score(terms, product), threshold, gender)
    return np.column_stack([terms[:, :2], said])


def context(products: Products, effects: Effects, product: np.ndarray, threshold: np.ndarray,
            gender: np.ndarray) -> np.ndarray:  # fmt: skip
    """What is constant over a grid, row by row."""
    within = threshold - products.first[product]
    lettered = products.lettered[product]
    return np.column_stack([
        gender[:, None] == np.arange(len(GENDERS)),
        effects.threshold[threshold],
        effects.slopes[product],
        effects.certainty[threshold, gender],
        lettered,
        np.where(lettered, products.place[threshold], 0.0),
        within,
        products.thresholds[product] - 1 - within,
    ]).astype(np.float32)  # fmt: skip


def train_network(body: np.ndarray, around: np.ndarray, above: np.ndarray, weight: np.ndarray, seed: int) -> Network:
    """Learn P(above) from rows of body_inputs and context, by Adam on the log loss. The same rows: the same weights."""
    draw = np.random.default_rng(seed)
    scales = _scales(body, around)
    told = ((body - scales["body_middle"]) / scales["body_spread"]).astype(np.float32)
    known = ((around - scales["context_middle"]) / scales["context_spread"]).astype(np.float32)
    above, weight = above.astype(np.float32), (weight / weight.mean()).astype(np.float32)
    beginning = _beginning(told.shape[1], known.shape[1], draw)
    values, weights = _laid_out(beginning)
    slopes, found = _laid_out({name: np.zeros_like(one) for name, one in beginning.items()})
    mean, squares = np.zeros_like(values), np.zeros_like(values)
    rises = sum(one.size for name, one in beginning.items() if name.startswith("rise"))  # they come first
    decays = sum(one.size for one in beginning.values() if one.ndim > 1)  # and the shifts last
    batch = min(_BATCH, len(above))
    steps = int(np.clip(_EPOCHS * len(above) / batch, _FEWEST, _MOST))
    order = np.zeros(0, dtype=np.int64)
    for step in range(1, steps + 1):
        if len(order) < batch:
            order = draw.permutation(len(above))
        some, order = order[:batch], order[batch:]
        for name, slope in _slopes(weights, told[some], known[some], above[some], weight[some]).items():
            found[name][...] = slope
        slopes[:decays] += _DECAY * values[:decays]
        mean += (1 - _KEEP) * (slopes - mean)
        squares += (1 - _KEEP_SQUARES) * (slopes * slopes - squares)
        rate = _RATE * (0.5 + 0.5 * np.cos(np.pi * step / steps)) / (1 - _KEEP**step)
        values -= np.float32(rate) * mean / (np.sqrt(squares / (1 - _KEEP_SQUARES**step)) + np.float32(1e-8))
        np.maximum(values[:rises], 0.0, out=values[:rises])
    return Network(**scales, **weights)


def _laid_out(arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """All values end to end, and each array as a view into them."""
    values = np.concatenate([one.reshape(-1) for one in arrays.values()])
    ends = np.cumsum([one.size for one in arrays.values()])[:-1]
    parts = zip(arrays.items(), np.split(values, ends), strict=True)
    return values, {name: part.reshape(one.shape) for (name, one), part in parts}


def _scales(body: np.ndarray, around: np.ndarray) -> dict[str, np.ndarray]:
    def spread(values: np.ndarray) -> np.ndarray:
        found = values.std(axis=0, dtype=float)
        return np.where(found > 1e-6, found, 1.0).astype(np.float32)

    return {
        "body_middle": body.mean(axis=0, dtype=float).astype(np.float32), "body_spread": spread(body),
        "context_middle": around.mean(axis=0, dtype=float).astype(np.float32), "context_spread": spread(around),
        "context_low": around.min(axis=0), "context_high": around.max(axis=0),
    }  # fmt: skip


def _beginning(bodies: int, contexts: int, draw: np.random.Generator) -> dict[str, np.ndarray]:
    def normal(shape: tuple[int, int], spread: float) -> np.ndarray:
        return (draw.normal(size=shape) * spread).astype(np.float32)

    return {
        "rise1": np.abs(normal((bodies, _FIRST), 0.5)),
        "rise2": np.abs(normal((_FIRST, _SECOND), _FIRST**-0.5)),
        "rise3": np.abs(normal((_SECOND, 1), _SECOND**-0.5)),
        "free1": normal((contexts, _FIRST), 0.75 * contexts**-0.5),
        "free2": normal((contexts, _SECOND), 0.5 * contexts**-0.5),
        "free3": normal((contexts, 1), 0.01),
        "shift1": normal((1, _FIRST), 0.5)[0],
        "shift2": normal((1, _SECOND), 0.3)[0],
        "shift3": np.zeros(1, dtype=np.float32),
    }


def _slopes(weights: dict[str, np.ndarray], told: np.ndarray, known: np.ndarray, above: np.ndarray,
            weight: np.ndarray) -> dict[str, np.ndarray]:  # fmt: skip
    """How the mean log loss of a batch changes with each weight."""
    first = np.tanh(told @ weights["rise1"] + known @ weights["free1"] + weights["shift1"])
    second = np.tanh(first @ weights["rise2"] + known @ weights["free2"] + weights["shift2"])
    margin = second @ weights["rise3"] + known @ weights["free3"] + weights["shift3"]
    third = weight[:, None] * (1 / (1 + np.exp(-margin)) - above[:, None]) / np.float32(len(above))
    lower = (third @ weights["rise3"].T) * (1 - second * second)
    lowest = (lower @ weights["rise2"].T) * (1 - first * first)
    return {
        "rise1": told.T @ lowest, "free1": known.T @ lowest, "shift1": lowest.sum(axis=0),
        "rise2": first.T @ lower, "free2": known.T @ lower, "shift2": lower.sum(axis=0),
        "rise3": second.T @ third, "free3": known.T @ third, "shift3": third.sum(axis=0),
    }  # fmt: skip


def to_document(network: Network) -> dict[str, list]:
    """As JSON writes it; single precision comes back as it was."""
    return {field.name: getattr(network, field.name).tolist() for field in fields(Network)}


def from_document(document: dict[str, list]) -> Network:
    """The network of to_document."""
    return Network(**{field.name: np.array(document[field.name], dtype=np.float32) for field in fields(Network)})
