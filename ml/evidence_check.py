"""Where answers hold: `python -m ml.evidence_check --reviews FILE --out FILE.json` on products held out.

FILE is that of the bake-off. Four folds of products, as for newcomers: the model learns from the other three and from a
few reviews of each product of the fold, from none to fifty, drawn at random and dealt anew for each draw. Every judging
row is asked, answered or not, and told by its classes of evidence: kernel reviews of the product at that body, its
reviews by that gender anywhere, kernel reviews of its category. In each class the stated probability stands against
hits, and the constants of ml/evidence follow by one rule.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ml import settings
from ml.body import GRID, HEIGHTS, WEIGHTS
from ml.errors import SizeModelError
from ml.evaluate import clustered_error
from ml.evidence import Near
from ml.features import stable_hash
from ml.lookup import flat_cell, look_up
from ml.model import Settings
from ml.newcomers import FOLDS, Deal, deal_rows
from ml.training import fit_model

SUPPORTS, DRAWS = (0, 1, 2, 3, 5, 10, 20, 50), 6
# The rule: in every class that is let through, with so many rows, an answer is right more often than not and states at
# most this much more than is seen.
OVERSTATED, RIGHT, ROWS_ENOUGH = 0.03, 0.5, 300
OWN = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # lower ends of classes
PLACED = (0, 1, 2, 3, 5, 10)
CATEGORY = (0.0, 5.0, 20.0, 100.0)
CLOSE = (0, 1, 3, 10)

Rows = Mapping[str, np.ndarray]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: prints the classes and what the rule chooses, and writes both."""
    parser = argparse.ArgumentParser(prog="python -m ml.evidence_check", description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=DRAWS, choices=range(1, DRAWS + 1))
    parser.add_argument("--min-rows", type=int, default=100, help="products with fewer clean rows are left out")
    given = parser.parse_args(arguments)
    try:
        deal = deal_rows(given.reviews, given.min_rows)
    except SizeModelError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    with threadpool_limits(limits=1, user_api="blas"):
        parts = [ask(deal, fold, draw) for draw in range(given.draws) for fold in range(FOLDS)]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    found = {"draws": given.draws, "classes": classes(rows), "chosen": choose(rows)}
    given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for table, lines in found["classes"].items():
        print(table)
        for line in lines:
            print("  {class:28} {rows:7} rows  stated {stated:.3f}  seen {seen:.3f}  ± {error:.3f}".format(**line))
    print("chosen", found["chosen"])
    return 0


def ask(deal: Deal, fold: int, draw: int) -> Rows:
    """The judging rows of a fold, each with its evidence, what was stated, and whether it hit."""
    mine = deal.fold == fold
    test = deal.samples(np.flatnonzero(mine & deal.judging))
    train = deal.samples(np.concatenate([np.flatnonzero(~mine), support(deal, fold, draw)]))
    model = fit_model(train, deal.products, replace(Settings(), threads=settings.threads()))
    answers = look_up(model, train, test.product, test.height_cm, test.weight_kg, test.gender)
    row, cell = np.arange(len(test)), flat_cell(test.height_cm, test.weight_kg)
    own, placed, category, close = (np.zeros(len(test)) for _ in range(4))
    kinds = np.array([f"{r}\x1f{c}" for r, c in zip(deal.products.ruler, deal.products.category, strict=True)])
    around = {kind: Near(train, np.flatnonzero(kinds[train.product] == kind)) for kind in np.unique(kinds)}
    for product in np.unique(test.product):
        near = Near(train, np.flatnonzero(train.product == product))
        for gender in np.unique(test.gender[test.product == product]):
            at = np.flatnonzero((test.product == product) & (test.gender == gender))
            own[at], placed[at] = near.kernel(gender).reshape(-1)[cell[at]], near.reviews(gender)
            category[at] = around[kinds[product]].kernel(gender).reshape(-1)[cell[at]]
            close[at] = near.within(gender, *_body(cell[at]))
    return {
        "product": test.product, "own": own, "placed": placed, "category": category, "close": close,
        "stated": answers.chance[row, answers.size], "hit": (answers.size == test.bought).astype(float),
    }  # fmt: skip


def support(deal: Deal, fold: int, draw: int) -> np.ndarray:
    """Positions of a few rows of each product of the fold; how many goes round the products from draw to draw."""
    names = sorted(set(deal.rows["product_id"]), key=lambda name: stable_hash(f"evidence {name}"))
    wanted = {name: SUPPORTS[(place + draw) % len(SUPPORTS)] for place, name in enumerate(names)}
    return deal.support(fold, wanted, draw)


def classes(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """Stated against seen in each class of evidence."""
    borrowed = rows["own"] < 1
    return {
        "kernel reviews of the product": _lines(rows, "own", OWN),
        "own kernel below one, by reviews of that gender": _lines(rows, "placed", PLACED, borrowed),
        "own kernel below one and three reviews, by kernel reviews of the category": _lines(
            rows, "category", CATEGORY, borrowed & (rows["placed"] >= 3)
        ),
        "stated .8 or more, by reviews within 5 cm and 5 kg": _lines(rows, "close", CLOSE, rows["stated"] >= 0.8),
        "stated .6 to .8, by reviews within 5 cm and 5 kg": _lines(
            rows, "close", CLOSE, (rows["stated"] >= 0.6) & (rows["stated"] < 0.8)
        ),
    }  # fmt: skip


def choose(rows: Rows) -> dict[str, float | None]:
    """The loosest constants that hold in every class that they let through; None where none does."""
    own = _loosest(rows, "own", OWN, np.ones(len(rows["own"]), dtype=bool))
    rest = rows["own"] < (np.inf if own is None else own)
    placed = _loosest(rows, "placed", PLACED, rest)
    rest &= rows["placed"] >= (np.inf if placed is None else placed)
    return {"own": own, "placed": placed, "category": _loosest(rows, "category", CATEGORY, rest)}


def _loosest(rows: Rows, name: str, ends: Sequence[float], which: np.ndarray) -> float | None:
    """The lowest end from which on every class holds."""
    found: float | None = None
    for line in reversed(_lines(rows, name, ends, which)):
        if line["rows"] >= ROWS_ENOUGH:
            if line["stated"] - line["seen"] > OVERSTATED or line["seen"] < RIGHT:
                break
            found = line["from"]
    return found


def _lines(rows: Rows, name: str, ends: Sequence[float], which: np.ndarray | None = None) -> list[dict[str, Any]]:
    lines = []
    for low, high in zip(ends, [*ends[1:], np.inf], strict=True):
        some = (rows[name] >= low) & (rows[name] < high)
        some = some if which is None else some & which
        if some.any():
            label = f"{name} {low:g} and more" if high == np.inf else f"{name} {low:g} to {high:g}"
            lines.append({"class": label, "from": low, **_figures(rows, some)})
    return lines


def _figures(rows: Rows, some: np.ndarray) -> dict[str, Any]:
    """Means, and the standard error of their difference, products drawn."""
    stated, hit, product = rows["stated"][some], rows["hit"][some], rows["product"][some]
    return {"rows": int(some.sum()), "products": len(np.unique(product)), "stated": float(stated.mean()),
            "seen": float(hit.mean()), "error": clustered_error(stated - hit, product)}  # fmt: skip


def _body(cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return HEIGHTS[cell // GRID[1]], WEIGHTS[cell % GRID[1]].astype(float)


if __name__ == "__main__":
    sys.exit(main())
