"""What earlier days have read of each product's reviews, so that a day reads what is new.

One object a mall and day, `_reviews.json` among the day's checkpoints, written once the day's rows count: for every
product ever read, the last day on which its list was read to where it may stop, and the newest reviews of then. "Known"
is what lies in the newest such object of a day before run_date, so a second run of the same day reads what the first
read, and a day that failed is not known at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from include import lake as lake_keys
from include import settings
from include.lake import Lake, ObjectMissing

_NAME = "_reviews.json"
# A list stops where the last review of a response is known: more than the largest response holds need not be kept.
NEWEST = 120
# Checkpoints are kept about as long; a mall that was not read for a month is read anew.
_LOOK_BACK = 30


@dataclass(frozen=True, slots=True)
class Read:
    """How one product's reviews were read last."""

    on: date
    newest: tuple[str, ...]  # review ids, the newest first; empty where the mall offers no order by day


type History = dict[str, Read]


def before(lake: Lake, mall: str, day: date) -> History:
    """What the days before `day` have read, by product; empty where nothing is known."""
    for back in range(1, _LOOK_BACK + 1):
        try:
            return _decode(lake.get_json(_key(mall, day - timedelta(days=back))))
        except ObjectMissing:
            continue
    return {}


def write(lake: Lake, mall: str, day: date, read: Mapping[str, Sequence[str]]) -> None:
    """Record that the lists of these products were read on `day`, with the reviews read from them in their order."""
    history = before(lake, mall, day)
    for product, ids in read.items():
        earlier = history[product].newest if product in history else ()
        history[product] = Read(day, tuple(dict.fromkeys((*ids, *earlier)))[:NEWEST])
    lake.put_json(_key(mall, day), {product: [read.on.isoformat(), *read.newest] for product, read in history.items()})


def is_due(read: Read | None, day: date, newest_first: bool) -> bool:
    """Whether a product's reviews are to be read on a day: always where the newest come first, else every so often."""
    return newest_first or read is None or (day - read.on).days >= settings.review_days()


def _key(mall: str, day: date) -> str:
    return f"{lake_keys.state_folder(mall, day)}{_NAME}"


def _decode(stored: Mapping[str, Sequence[str]]) -> History:
    return {product: Read(date.fromisoformat(on), tuple(newest)) for product, (on, *newest) in stored.items()}
