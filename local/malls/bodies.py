"""Bodies of Korean adults, to draw buyers from and to know how likely a body is.

Means, standard deviations and correlations of height and weight by sex and age: statistics of Korean adults measured in
2015 (the project's shared table bodies.csv). No single measurement is kept, only these moments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class _Moments:
    share: float  # of the mall's buyers of this sex: young people write most reviews
    height_mean: float
    height_sd: float
    weight_mean: float
    weight_sd: float
    correlation: float


_MEN = (
    _Moments(0.18, 172.7, 5.6, 66.0, 11.9, 0.39),
    _Moments(0.30, 174.2, 5.9, 71.5, 11.6, 0.42),
    _Moments(0.24, 173.6, 5.5, 74.0, 11.5, 0.46),
    _Moments(0.13, 173.7, 5.3, 76.5, 10.8, 0.44),
    _Moments(0.09, 172.5, 5.3, 75.0, 10.6, 0.46),
    _Moments(0.06, 170.4, 5.3, 73.4, 10.6, 0.49),
)
_WOMEN = (
    _Moments(0.18, 159.7, 5.1, 55.3, 8.5, 0.38),
    _Moments(0.30, 160.9, 5.2, 55.1, 8.6, 0.37),
    _Moments(0.24, 160.8, 4.9, 55.7, 9.4, 0.43),
    _Moments(0.13, 160.2, 5.1, 56.8, 9.0, 0.30),
    _Moments(0.09, 160.2, 5.5, 58.8, 9.8, 0.34),
    _Moments(0.06, 157.0, 5.2, 58.2, 8.4, 0.32),
)

# The range that Otto's tables cover (design: height 140..200 cm, weight 35..130 kg).
_HEIGHTS, _WEIGHTS = (140, 200), (35, 130)


def draw(women: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Heights and weights, whole cm and kg as people write them, for a vector that says who is a woman."""
    shares = np.array([moments.share for moments in _MEN])
    ages = rng.choice(len(_MEN), size=len(women), p=shares)
    table = np.array([[_row(men), _row(lady)] for men, lady in zip(_MEN, _WOMEN, strict=True)])
    mean_h, sd_h, mean_w, sd_w, corr = table[ages, women.astype(int)].T
    first, second = rng.standard_normal((2, len(women)))
    heights = mean_h + sd_h * first
    weights = mean_w + sd_w * (corr * first + np.sqrt(1 - corr**2) * second)
    # Many round their weight to a multiple of five; the rule is then asked for the body that was written.
    round_off = rng.random(len(women)) < 0.2
    weights = np.where(round_off, 5 * np.round(weights / 5), weights)
    return np.clip(np.round(heights), *_HEIGHTS).astype(int), np.clip(np.round(weights), *_WEIGHTS).astype(int)


def mean_body(women_share: float) -> tuple[float, float]:
    """Mean height and weight of an audience."""
    means = [
        [sum(m.share * value for m, value in zip(sex, values, strict=True)) for values in _means(sex)]
        for sex in (_MEN, _WOMEN)
    ]
    height, weight = ((1 - women_share) * men + women_share * lady for men, lady in zip(*means, strict=True))
    return height, weight


def density(woman: bool, height_cm: np.ndarray, weight_kg: np.ndarray) -> np.ndarray:
    """How likely a body is among the buyers of one sex (a mixture of normals over the ages)."""
    total = np.zeros(np.broadcast(height_cm, weight_kg).shape)
    for moments in _WOMEN if woman else _MEN:
        x = (np.asarray(height_cm) - moments.height_mean) / moments.height_sd
        y = (np.asarray(weight_kg) - moments.weight_mean) / moments.weight_sd
        left = 1 - moments.correlation**2
        exponent = -(x**2 - 2 * moments.correlation * x * y + y**2) / (2 * left)
        scale = 2 * np.pi * moments.height_sd * moments.weight_sd * np.sqrt(left)
        total = total + moments.share * np.exp(exponent) / scale
    return total


def _row(moments: _Moments) -> tuple[float, ...]:
    return moments.height_mean, moments.height_sd, moments.weight_mean, moments.weight_sd, moments.correlation


def _means(sex: tuple[_Moments, ...]) -> tuple[list[float], list[float]]:
    return [moments.height_mean for moments in sex], [moments.weight_mean for moments in sex]
