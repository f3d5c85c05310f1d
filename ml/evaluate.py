"""How good predictions are: exact, within one size, mean error, log loss, calibration, and breaks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CLIP = 1e-6
ECE_BINS = 15


@dataclass(frozen=True)
class Judged:
    """Predictions beside the truth, row by row. A truth of -1 is a size that the run does not hold."""

    product: np.ndarray
    gender: np.ndarray
    truth: np.ndarray
    size: np.ndarray
    probability: np.ndarray  # as stated for `size`
    truth_probability: np.ndarray

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def hit(self) -> np.ndarray:
        """Whether the size is the true one."""
        return self.size == self.truth

    @property
    def loss(self) -> np.ndarray:
        """Natural log loss of each row."""
        return -np.log(np.clip(self.truth_probability, CLIP, 1.0))

    def take(self, which: np.ndarray) -> Judged:
        """The rows of a mask or of positions."""
        return Judged(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def judge_rows(above: np.ndarray, product: np.ndarray, gender: np.ndarray, truth: np.ndarray) -> Judged:
    """Median predictions from P(size > k), one row a body (columns past a product's thresholds are zero)."""
    chance = row_chances(above)
    size = (above > 0.5).sum(axis=1)
    row = np.arange(len(truth))
    stated = np.where(truth >= 0, chance[row, np.maximum(truth, 0)], 0.0)
    return Judged(product, gender, truth, size, chance[row, size], stated)


def row_chances(above: np.ndarray) -> np.ndarray:
    """P(size = k), one row a body, from P(size > k)."""
    rows = len(above)
    full = np.hstack([np.ones((rows, 1)), above, np.zeros((rows, 1))])
    return full[:, :-1] - full[:, 1:]


def summarise(judged: Judged) -> dict[str, float | int | None]:
    """All figures of some rows; None where there is no row."""
    if not len(judged):
        return {"rows": 0, "exact": None, "within_one": None, "log_loss": None, "mean_error": None, "ece": None}
    distance = np.where(judged.truth >= 0, judged.size - judged.truth, np.nan)
    return {
        "rows": len(judged),
        "exact": float(judged.hit.mean()),
        "within_one": float((np.abs(distance) <= 1).mean()),
        "log_loss": float(judged.loss.mean()),
        "mean_error": _mean(distance),
        "ece": calibration_error(judged.probability, judged.hit),
    }


def calibration_error(probability: np.ndarray, hit: np.ndarray, bins: int = ECE_BINS) -> float:
    """Expected calibration error of the advised label over bins of equal count."""
    order = np.argsort(probability, kind="stable")
    gaps = (
        abs(probability[part].mean() - hit[part].mean()) * len(part)
        for part in np.array_split(order, bins)
        if len(part)
    )
    return float(sum(gaps) / max(1, len(probability)))


def error_by_chance(probability: np.ndarray, bins: int = ECE_BINS) -> float:
    """The calibration error that a perfectly calibrated model shows on so few rows, by chance alone."""
    parts = [part for part in np.array_split(np.sort(probability), bins) if len(part)]
    expected = [np.sqrt(2 / np.pi * part.mean() * (1 - part.mean()) * len(part)) for part in parts]
    return float(sum(expected) / max(1, len(probability)))


def calibration_points(
    probability: np.ndarray, hit: np.ndarray, bins: int = ECE_BINS
) -> list[tuple[float, float, int]]:
    """(stated, seen, rows) of each bin, for a picture."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [(float(probability[part].mean()), float(hit[part].mean()), len(part)) for part in parts]


def paired_bootstrap(
    difference: np.ndarray, product: np.ndarray, draws: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """The 95 % interval of the mean difference when whole products are drawn again and again."""
    _, cluster = np.unique(product, return_inverse=True)
    count = np.bincount(cluster)
    total = np.bincount(cluster, weights=difference)
    drawn = np.random.default_rng(seed).integers(0, len(count), size=(draws, len(count)))
    means = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _mean(distance: np.ndarray) -> float | None:
    known = distance[~np.isnan(distance)]
    return float(known.mean()) if len(known) else None


def clustered_error(values: np.ndarray, product: np.ndarray) -> float:
    """The standard error of a mean whose rows are drawn product by product."""
    _, cluster = np.unique(product, return_inverse=True)
    return float(np.sqrt((np.bincount(cluster, values - values.mean()) ** 2).sum()) / len(values))
