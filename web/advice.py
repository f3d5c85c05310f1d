"""What a size table's answer means for a visitor, before it is put into words. Pure: no framework, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from web.queries import Band

# Two sizes within ten points are told as "between the two".
CLOSE = 0.10
# A tighter or looser wish moves to the runner-up only where it is a real possibility.
LEAST_RUNNER_UP = 0.15
# A confident word needs both: the share, and people of a similar body behind it. Whoever says "8 of 10 people like you
# very surely" has met ten; and three is from where on the size model answers for a product at all.
SOME_PEOPLE, MANY_PEOPLE = 3, 10
SURENESS = (
    (0.8, MANY_PEOPLE, "sure"),
    (0.6, SOME_PEOPLE, "fair"),
    (0.4, 1, "leaning"),
    (0.0, 1, "open"),
    (0.0, 0, "inferred"),
)


@dataclass(frozen=True)
class Advice:
    """The advised size and everything that is said with it."""

    state: str  # answered, no_evidence, outside_grid, no_body
    size: str = ""
    share: float = 0.0  # of people like the visitor for whom the advised size is right
    sureness: str = ""  # sure, fair, leaning, open; inferred: nobody of a similar body has reported
    between: tuple[str, str] | None = None  # the smaller and the larger of two that are about equally likely
    wished: str = ""  # tight or loose where that moved the size
    from_size: str = ""  # what was advised before the wish moved it
    wish_stays: str = ""  # tight or loose where no other size is likely enough
    other: str = ""  # the size that is next likely
    other_share: float = 0.0
    reviews: int = 0
    sold_out: bool = False
    any_gender: bool = False  # answered from the table of all genders though the visitor stated one

    @property
    def is_inferred(self) -> bool:
        """Whether the share comes from others more than from people of a similar body: then it is "probably"."""
        return self.reviews < SOME_PEOPLE

    @property
    def of_ten(self) -> int:
        """How many of ten people like the visitor."""
        return max(1, min(10, round(self.share * 10)))


def advise(
    band: Band | None,
    *,
    size_run: Sequence[str],
    sold_out: Sequence[str],
    gender: str,
    wish: str = "regular",
) -> Advice:
    """The advice of one band; None is a product without a table."""
    if band is None or band.state != "answered" or band.size_label is None:
        return Advice("no_evidence", reviews=band.reviews if band else 0)
    size, share = band.size_label, band.probability or 0.0
    other, other_share = band.runner_up or "", band.runner_up_probability or 0.0
    pair = _in_order(size, other, size_run)
    moved = _wished(size, other_share, pair, wish)
    if moved != size:
        size, share, other, other_share = moved, other_share, size, share
    return Advice(
        state="answered",
        size=size,
        share=share,
        sureness=_sureness(share, band.reviews),
        between=pair if pair and abs(share - other_share) <= CLOSE else None,
        wished=wish if moved != band.size_label else "",
        from_size=band.size_label if moved != band.size_label else "",
        wish_stays=wish if wish != "regular" and moved == band.size_label else "",
        other=other,
        other_share=other_share,
        reviews=band.reviews,
        sold_out=size in sold_out,
        any_gender=gender != "unknown" and band.gender == "unknown",
    )


def _sureness(share: float, reviews: int) -> str:
    return next(word for least, people, word in SURENESS if share >= least and reviews >= people)


def _in_order(size: str, other: str, size_run: Sequence[str]) -> tuple[str, str] | None:
    if size not in size_run or other not in size_run:
        return None
    return (size, other) if size_run.index(size) < size_run.index(other) else (other, size)


def _wished(size: str, other_share: float, pair: tuple[str, str] | None, wish: str) -> str:
    if pair is None or other_share < LEAST_RUNNER_UP or wish == "regular":
        return size
    return pair[0] if wish == "tight" else pair[1]
