"""Fit of rented clothes: `python -m ml.runway --orders FILE.parquet [--out FILE.json]`.

For a given size, small, fit or large is foretold from what is known before the order. Five random splits of the rows
and one by whole days, the last fifth; mean one-vs-rest AUC. Rows equal in every column count once. The published 0.719
(Misra et al., RecSys 2018) is of other rows and another split, so it is no rival of these figures.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ml import settings
from ml.errors import SizeModelError
from ml.runway.figures import figures
from ml.runway.learner import RunwaySettings, predict_fits
from ml.runway.orders import FITS, Orders, read_orders
from ml.runway.splits import random_split, split_by_day

SALTS = tuple(f"runway-{number}" for number in range(1, 6))
BY_DAY = "last days"
_PUBLISHED = "published 0.719 (Misra et al. 2018): on other rows and another split, not to be compared"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: prints the figures, and writes all of them."""
    parser = argparse.ArgumentParser(prog="python -m ml.runway", description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--splits", type=int, default=len(SALTS), choices=range(1, len(SALTS) + 1))
    given = parser.parse_args(arguments)
    try:
        orders, left_out = read_orders(given.orders)
        chosen = replace(RunwaySettings(), threads=settings.threads())
        print(f"{len(orders)} orders, left out {left_out}; salts {', '.join(SALTS[: given.splits])}", flush=True)
        with threadpool_limits(limits=1, user_api="blas"):
            found = dict(measure(orders, SALTS[: given.splits], chosen))
    except SizeModelError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    report = {"orders": len(orders), "left_out": left_out, "settings": asdict(chosen), "splits": found,
              "mean of random splits": _mean([found[salt] for salt in SALTS[: given.splits]]),
              "note": _PUBLISHED}  # fmt: skip
    _tell(report)
    if given.out:
        given.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def measure(orders: Orders, salts: Sequence[str], chosen: RunwaySettings) -> Iterator[tuple[str, dict[str, Any]]]:
    """(split, figures) of each random split and of the last days."""
    splits = [(salt, random_split(len(orders), salt)) for salt in salts] + [(BY_DAY, split_by_day(orders.day))]
    for name, judging in splits:
        began = time.monotonic()
        learned, asked = orders.take(~judging), orders.take(judging)
        found = figures(asked, predict_fits(learned, asked, chosen), learned)
        print(f"{name}: {found['all']['mean_auc']} in {time.monotonic() - began:.0f} s", flush=True)
        yield name, found


def _mean(splits: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Each figure's mean over the splits, where all have it."""
    means: dict[str, Any] = {}
    for group, values in splits[0].items():
        every = {name: [split[group][name] for split in splits] for name in values}
        means[group] = {name: None if None in some else float(np.mean(some)) for name, some in every.items()}
    return means


def _tell(report: dict[str, Any]) -> None:
    for title, found in (("random", report["mean of random splits"]), (BY_DAY, report["splits"][BY_DAY])):
        for group, values in found.items():
            areas = "  ".join(f"{name} {_shown(values[f'auc_{name}'])}" for name in FITS)
            print(f"{title:10} {group:22} rows {values['rows']:8.0f}  mean AUC {_shown(values['mean_auc'])}  {areas}")
    print(report["note"])


def _shown(value: float | None) -> str:
    return "   -  " if value is None else f"{value:.4f}"


if __name__ == "__main__":
    sys.exit(main())
