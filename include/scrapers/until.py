"""Where the reading of one product's reviews may stop before its list ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Until:
    """Nothing set: the whole list is read."""

    max_reviews: int | None = None  # rounded up to whole lists
    # Reviews read on an earlier day. Given only where the mall lists the newest first: below one that is known lies
    # nothing new.
    known: frozenset[str] = frozenset()

    def is_reached(self, review_ids: Iterable[str], seen: int) -> bool:
        """Whether to stop after a list with these reviews, in its order, `seen` reviews in all.

        The last review of a list decides: a known one that stands out of its place further up ends nothing.
        """
        last = next(reversed(list(review_ids)), None)
        return (self.max_reviews is not None and seen >= self.max_reviews) or last in self.known
