"""Whether a mall is as it usually is: today's counts against those of its earlier runs. Pure.

A mall that changes its pages seldom breaks a reader: more often a list comes back short, a spelling is refused, or a
renamed field reads as "not stated". Each of these moves a share. The usual band of a share is the range of the earlier
runs, widened by a margin and by what chance alone does to so few rows; a run outside it does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, sqrt
from statistics import median

from include.retries import Lasting

# Until so many earlier runs exist nothing is known to be usual.
LEAST_RUNS = 5
# How many earlier runs make the band: two weeks, so that a change that a person has accepted is usual soon after.
RUNS = 14
# A share of fewer rows says nothing.
_LEAST_ROWS = 10
# Whatever history says, so much is not worth an alarm. Refusals are rare and their band is narrow; what buyers leave
# out, and how many siblings show the same review, moves more with what is ranked.
_MARGINS = {"refused": 0.05, "parsed": 0.15, "captured": 0.20}
_MARGIN_ABSENT = 0.10
_CHANCE = 4.0  # standard deviations of a share of so many rows
# Records a page: from how many pages on it says something, and which part of the least ever seen is a list that comes
# back short. Products that are read for the first time may be new and have hardly a review, so reviews get more room.
_LEAST_PAGES = {"ranking": 1, "product": 10, "reviews": 60}
_PAGE_FACTOR = {"ranking": 2.0, "product": 2.0, "reviews": 10.0}
_A_PAGE = "records a page"
# Where a mall itself says how many reviews it has, less than this share of them is a list that has vanished.
_LEAST_OF_STATED = 0.5
_LEAST_STATED = 20


class OutOfBand(Lasting, RuntimeError):
    """A mall's counts are not what they usually are; nothing of the mall counts for that day until a person looks."""


@dataclass(frozen=True)
class Counts:
    """One mall, kind and day. Another run's, from ops.scrape_run, or those of the run that is judged."""

    pages: int = 0  # documents and answers that were read
    records: int = 0  # rows that they held
    wanted: int = 0  # places asked for; products ranked; reviews that the mall says it has, where it was all read
    captured: int = 0  # rows of products that were asked for
    parsed: int = 0
    refused: int = 0
    absent: Mapping[str, int] = field(default_factory=dict)  # field -> parsed rows that do not state it


@dataclass(frozen=True)
class Share:
    """One number to judge, and of how many rows it is a share."""

    name: str
    value: float
    of: int


@dataclass(frozen=True)
class Finding:
    """A share outside its band."""

    kind: str
    share: Share
    low: float
    high: float
    runs: int

    def __str__(self) -> str:
        usual = f"at least {self.low:.2f}" if self.high == inf else f"{max(self.low, 0):.2f} to {self.high:.2f}"
        since = f"over {self.runs} earlier runs" if self.runs else "by the mall's own account"
        return f"{self.kind} {self.share.name}: {self.share.value:.2f} of {self.share.of}, usual {usual} {since}"


def judge(kind: str, now: Counts, earlier: Sequence[Counts]) -> list[Finding]:
    """What of one kind lies outside its usual band. Bands need LEAST_RUNS runs with that share; what a mall itself says
    it has needs none."""
    found = [] if kind != "reviews" else _vanished(now)
    history: dict[str, list[float]] = {}
    for counts in earlier[:RUNS]:
        for share in shares(kind, counts):
            history.setdefault(share.name, []).append(share.value)
    for share in shares(kind, now):
        usual = history.get(share.name, [])
        if len(usual) >= LEAST_RUNS:
            low, high = _band(kind, share, usual)
            if not low <= share.value <= high:
                found.append(Finding(kind, share, low, high, len(usual)))
    return found


def shares(kind: str, counts: Counts) -> Iterator[Share]:
    """The numbers of one kind that are judged; those of which the counts say too little are left out."""
    if counts.pages >= _LEAST_PAGES[kind]:
        yield Share(_A_PAGE, counts.records / counts.pages, counts.pages)
    if counts.wanted >= _LEAST_ROWS:
        yield Share("captured", counts.captured / counts.wanted, counts.wanted)
    if counts.captured >= _LEAST_ROWS:
        yield Share("parsed", counts.parsed / counts.captured, counts.captured)
        yield Share("refused", counts.refused / counts.captured, counts.captured)
    if counts.parsed >= _LEAST_ROWS:
        for name, missing in counts.absent.items():
            yield Share(f"without {name}", missing / counts.parsed, counts.parsed)


def _band(kind: str, share: Share, usual: Sequence[float]) -> tuple[float, float]:
    if share.name == _A_PAGE:
        return min(usual) / _PAGE_FACTOR[kind], max(usual) * _PAGE_FACTOR[kind]
    centre = min(max(median(usual), 0.05), 0.95)
    chance = _CHANCE * sqrt(centre * (1 - centre) / share.of)
    margin = max(_MARGINS.get(share.name, _MARGIN_ABSENT), chance)
    # more than was wanted is never too much: a ranking may simply be longer than the last time
    return min(usual) - margin, inf if share.name == "captured" else max(usual) + margin


def _vanished(now: Counts) -> list[Finding]:
    if now.wanted < _LEAST_STATED or now.captured >= _LEAST_OF_STATED * now.wanted:
        return []
    share = Share("captured", now.captured / now.wanted, now.wanted)
    return [Finding("reviews", share, _LEAST_OF_STATED, inf, 0)]
