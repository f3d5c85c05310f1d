"""One model on one split, in a process of its own, so that its time and memory are its own."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ml import peak_memory
from ml.bakeoff_split import OURS, broken_tables, every_candidate, judge_ours, predict_products, split, tune
from ml.evaluate import Judged
from ml.features import GENDERS, Products, Samples, stable_hash

# Whole tables of a candidate are asked for this many products: all of them would take longer than the judging.
BREAK_PRODUCTS = 40


@dataclass(frozen=True)
class Trial:
    """What a model answered, and what it cost. `seconds` are of learning once, with the setting, and answering."""

    judged: Judged
    setting: Any
    tuning_seconds: float  # of the processor, as all of these
    seconds: float
    wall_seconds: float
    memory_mb: float | None  # the peak, tuning included, beyond what was in use before; None where the system hides it
    tables: int  # that were looked into for breaks
    broken_tables: int
    breaks: int


def try_model(name: str, products: Products, samples: Samples, salt: str, with_breaks: bool) -> Trial:
    """A model by its name, judged on a split."""
    # spawned, not forked: a fork would begin with the memory and the threads of the trials before
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        return alone.submit(_try, name, products, samples, salt, with_breaks).result()


def _try(name: str, products: Products, samples: Samples, salt: str, with_breaks: bool) -> Trial:
    train, test = split(salt, samples)
    with threadpool_limits(limits=1, user_api="blas"):
        return _ours(products, train, test) if name == OURS else _theirs(name, products, train, test, salt, with_breaks)


def _ours(products: Products, train: Samples, test: Samples) -> Trial:
    memory, clock = _Memory(), _Clock()
    judged, breaks = judge_ours(products, train, test)
    tables = len(np.unique(test.product)) * len(GENDERS)
    return Trial(judged, None, 0.0, *clock.read(), memory.read(), tables, int(breaks > 0), breaks)


def _theirs(name: str, products: Products, train: Samples, test: Samples, salt: str, with_breaks: bool) -> Trial:
    candidate = next(one for one in every_candidate() if one.name == name)
    memory, tuning = _Memory(), _Clock()
    setting = tune(candidate, products, train)
    tuned, _ = tuning.read()
    clock = _Clock()
    judged = predict_products(candidate, setting, products, train, test)
    seconds, peak = clock.read(), memory.read()
    looked = (0, 0, 0)
    if with_breaks:
        looked = broken_tables(candidate, setting, products, train, some_products(products, train, salt))
    return Trial(judged, setting, tuned, *seconds, peak, *looked)


def some_products(products: Products, train: Samples, salt: str) -> np.ndarray:
    """Products that were learned, drawn by the hash of their names."""
    learned = np.unique(train.product)
    order = sorted(learned, key=lambda product: stable_hash(f"{salt} {products.product_id[product]}"))
    return np.sort(np.array(order[:BREAK_PRODUCTS], dtype=np.int64))


class _Clock:
    """Begins when it is made."""

    def __init__(self) -> None:
        self._wall, self._processor = time.monotonic(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Seconds of the processor, of all threads, and seconds on the wall."""
        return time.process_time() - self._processor, time.monotonic() - self._wall


class _Memory:
    """The peak since it was made, beyond what was in use then."""

    def __init__(self) -> None:
        peak_memory.forget()
        self._before = peak_memory.peak_mb()

    def read(self) -> float | None:
        peak = peak_memory.peak_mb()
        return None if peak is None or self._before is None else peak - self._before
