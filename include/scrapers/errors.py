"""What can be wrong with a page or a run, by name. Each message says what was found and where."""

from __future__ import annotations


class PageChanged(RuntimeError):
    """A page no longer has the shape that its reader knows; the mall has changed it, or the reader is wrong."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what} ({where})")


class EmptyRanking(PageChanged):
    """A ranking without a single product: never a normal day."""


class InvalidScope(ValueError):
    """The run was asked for malls, categories or limits that do not exist."""


class RawMissing(LookupError):
    """A past day has no raw pages; it cannot be replayed, and it is never asked of the mall again."""
