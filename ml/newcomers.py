"""How many reviews a new product needs: `python -m ml.newcomers --reviews FILE --out FILE.json`.

FILE is that of the bake-off. Products are dealt into four folds; the model learns from the other three and from 0, 5,
20 or 50 reviews of each product of the fold: drawn at random, several times, and once the first of the file, which is
what a new product really has. Judged are the groups of a printed salt, a fifth of each product's, which are never
drawn. A logistic regression a product, with all the rows that may be drawn, is judged on the same rows. Calibration is
that of all folds of a draw together: a fold alone is so small that chance makes most of its error.

Four folds times the supports are many trainings. Each is noted in FILE.json when done, and a command that was stopped
goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ml import settings
from ml.bakeoff import read_letter_rows
from ml.bakeoff_split import predict_products
from ml.candidates import CANDIDATES
from ml.errors import BadValues, SizeModelError
from ml.evaluate import Judged, calibration_error, error_by_chance, summarise
from ml.features import GENDERS, Products, Samples, encode_products, encode_samples, stable_hash
from ml.lookup import look_up
from ml.model import Settings
from ml.training import fit_model

SALT, FOLDS, SUPPORTS, DRAWS = "newcomers", 4, (5, 20, 50), 5
ALL = -1
IN_FILE_ORDER = "file order"
_RIVAL = next(candidate for candidate in CANDIDATES if candidate.name == "logistic regression")
_RIVAL_SETTING = 0.5  # the best of its settings on this file in the bake-off, so it needs no tuning part


@dataclass(frozen=True)
class Deal:
    """The rows of a file, and who may learn from which."""

    rows: pd.DataFrame  # in the file's order
    products: Products
    fold: np.ndarray  # of each row's product
    judging: np.ndarray  # whether a row only judges

    def support(self, fold: int, reviews: int | Mapping[str, int], draw: int | str) -> np.ndarray:
        """Positions of up to so many rows, or of ALL, of each product of the fold; one number, or one by product_id."""
        free = np.flatnonzero((self.fold == fold) & ~self.judging)
        if reviews == ALL:
            return free
        in_order = draw == IN_FILE_ORDER
        order = free if in_order else np.random.default_rng([int(draw), fold]).permutation(free)
        some = self.rows.iloc[order]
        place = some.groupby(["mall", "product_id"]).cumcount().to_numpy()
        wanted = reviews if isinstance(reviews, int) else some["product_id"].map(reviews).to_numpy()
        return np.sort(order[place < wanted])

    def samples(self, which: np.ndarray) -> Samples:
        """The rows at some positions, encoded."""
        return encode_samples(self.rows.iloc[which], self.products)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: prints one line for each number of reviews and writes every figure."""
    parser = argparse.ArgumentParser(prog="python -m ml.newcomers", description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=DRAWS, choices=range(1, DRAWS + 1))
    parser.add_argument("--min-rows", type=int, default=100, help="products with fewer clean rows are left out")
    given = parser.parse_args(arguments)
    try:
        found = measure(given.reviews, given.out, given.draws, given.min_rows)
    except SizeModelError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    _tell(summary(found))
    return 0


def measure(reviews: Path, out: Path, draws: int, min_rows: int) -> list[dict[str, Any]]:
    """One entry a training: fold, reviews, draw and its figures; those already in `out` are taken from there."""
    chosen = replace(Settings(), threads=settings.threads())
    deal = deal_rows(reviews, min_rows)
    made_by = _fingerprint(reviews, min_rows)
    found = _noted(out, made_by)
    print(f"{len(deal.rows)} rows of {len(deal.products)} products, {int(deal.judging.sum())} judge; salt {SALT}")
    with threadpool_limits(limits=1, user_api="blas"):
        for task in trainings(draws):
            if any(all(entry[name] == value for name, value in task.items()) for entry in found):
                continue
            judged = _judge(deal, chosen, **task)
            found.append(task | {"figures": _figures(judged), "stated": _stated(judged)})
            print(f"{len(found)} of {len(list(trainings(draws)))} trainings", flush=True)
            report = {"made_by": made_by, "settings": asdict(chosen), "found": found, "summary": summary(found)}
            out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return found


def trainings(draws: int) -> Iterator[dict[str, Any]]:
    """What is learned: every fold with every support."""
    for fold in range(FOLDS):
        yield {"fold": fold, "model": "Otto's tables", "reviews": 0, "draw": IN_FILE_ORDER}
        # how hard the judging rows are: with all the reviews that may be learned from
        yield {"fold": fold, "model": "Otto's tables", "reviews": ALL, "draw": IN_FILE_ORDER}
        yield {"fold": fold, "model": _RIVAL.name, "reviews": ALL, "draw": IN_FILE_ORDER}
        for reviews in SUPPORTS:
            for draw in (IN_FILE_ORDER, *range(draws)):
                yield {"fold": fold, "model": "Otto's tables", "reviews": reviews, "draw": draw}


def deal_rows(reviews: Path, min_rows: int) -> Deal:
    """Rows of letter-sized products, folds of products by hash, and a fifth of the groups to judge by."""
    products_frame, rows = read_letter_rows(reviews, min_rows)
    if len(products_frame) < FOLDS:
        raise BadValues(f"{reviews} has {len(products_frame)} products of {min_rows} rows; {FOLDS} folds need as many")
    rows = rows.reset_index(drop=True)
    by_hash = sorted(products_frame["product_id"], key=lambda name: stable_hash(f"{SALT} {name}"))
    fold_of = {name: place % FOLDS for place, name in enumerate(by_hash)}
    keys = zip(rows["product_id"], rows["height_cm"], rows["weight_kg"], rows["gender"], strict=True)
    judging = np.array([stable_hash(f"{SALT} {key}") % 5 == 0 for key in keys])
    return Deal(rows, encode_products(products_frame), rows["product_id"].map(fold_of).to_numpy(), judging)


def _judge(deal: Deal, chosen: Settings, *, fold: int, model: str, reviews: int, draw: int | str) -> Judged:
    mine = deal.fold == fold
    test = deal.samples(np.flatnonzero(mine & deal.judging))
    if model == _RIVAL.name:
        own = deal.samples(np.flatnonzero(mine & ~deal.judging))
        return predict_products(_RIVAL, _RIVAL_SETTING, deal.products, own, test)
    train = deal.samples(np.concatenate([np.flatnonzero(~mine), deal.support(fold, reviews, draw)]))
    learned = fit_model(train, deal.products, chosen)
    answers = look_up(learned, train, test.product, test.height_cm, test.weight_kg, test.gender)
    chance = answers.chance[np.arange(len(test)), test.bought]
    return Judged(test.product, test.gender, test.bought, answers.size, answers.probability, chance)


def _figures(judged: Judged) -> dict[str, Any]:
    women = summarise(judged.take(judged.gender == GENDERS.index("female")))
    return summarise(judged) | {"women": women["rows"], "women_exact": women["exact"]}


def _stated(judged: Judged) -> dict[str, list[Any]]:
    """What calibration needs of each row."""
    columns = {"probability": judged.probability.round(5), "hit": judged.hit.astype(int), "gender": judged.gender}
    return {name: column.tolist() for name, column in columns.items()}


def summary(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Means over folds, weighted by rows, then over draws; one line a model, number of reviews and kind of draw."""
    lines = []
    grouped: dict[tuple[str, int, bool], list[dict[str, Any]]] = {}
    for entry in found:
        key = entry["model"], entry["reviews"], entry["draw"] == IN_FILE_ORDER
        grouped.setdefault(key, []).append(entry["figures"] | {"draw": entry["draw"], "stated": entry["stated"]})
    for (model, reviews, in_order), some in sorted(grouped.items()):
        line: dict[str, Any] = {"model": model, "reviews": reviews, "draw": IN_FILE_ORDER if in_order else "at random"}
        for name, rows in (("exact", "rows"), ("within_one", "rows"), ("log_loss", "rows"), ("women_exact", "women")):
            weights = [one[rows] for one in some]
            line[name] = (
                float(np.average([one[name] or 0.0 for one in some], weights=weights)) if any(weights) else None
            )
        lines.append(line | _calibration(some))
    return lines


def _calibration(some: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over draws of the calibration error of all folds of a draw, and what chance alone makes of it."""
    draws: dict[Any, list[dict[str, list[Any]]]] = {}
    for one in some:
        draws.setdefault(one["draw"], []).append(one["stated"])
    found: dict[str, list[float]] = {}
    for folds in draws.values():
        stated, hit, gender = (
            np.concatenate([np.array(fold[name]) for fold in folds]) for name in ("probability", "hit", "gender")
        )
        for prefix, rows in (("", gender >= 0), ("women_", gender == GENDERS.index("female"))):
            if rows.any():
                found.setdefault(f"{prefix}ece", []).append(calibration_error(stated[rows], hit[rows]))
                found.setdefault(f"{prefix}ece_by_chance", []).append(error_by_chance(stated[rows]))
    means = {name: float(np.mean(values)) for name, values in found.items()}
    return {"women_ece": None, "women_ece_by_chance": None, "draws": len(draws)} | means


def _fingerprint(reviews: Path, min_rows: int) -> str:
    text = reviews.read_bytes() + json.dumps([asdict(Settings()), min_rows], sort_keys=True).encode()
    return hashlib.sha256(text).hexdigest()[:16]


def _noted(out: Path, made_by: str) -> list[dict[str, Any]]:
    if not out.exists():
        return []
    report = json.loads(out.read_text(encoding="utf-8"))
    if report.get("made_by") != made_by:
        raise BadValues(f"{out} holds figures of other reviews or settings; give another --out or remove it")
    return list(report["found"])


def _tell(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        reviews = "all" if line["reviews"] < 0 else line["reviews"]
        print(f"{line['model']:22} {reviews!s:>4} reviews, {line['draw']:10} exact {line['exact']:.4f}  within one "
              f"{line['within_one']:.4f}  log loss {line['log_loss']:.4f}  ece {line['ece']:.4f} (by chance "
              f"{line['ece_by_chance']:.4f})  women {line['women_exact'] or 0:.4f}, ece {line['women_ece'] or 0:.4f} "
              f"(by chance {line['women_ece_by_chance'] or 0:.4f})  ({line['draws']} draws)")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
