"""What can be wrong with a page or a run, by name. Each message says what was found, where, and what to do.

A `Lasting` one is not tried again: another try with the same input cannot mend it.
"""

from __future__ import annotations

from include.retries import Lasting


class InvalidScope(Lasting, ValueError):
    """The run was asked for malls, categories or limits that do not exist."""


class RawMissing(Lasting, LookupError):
    """A past day has no raw pages; it cannot be replayed, and a mall is never asked for a past day."""


class CountsDisagree(Lasting, ArithmeticError):
    """captured is not staged + quarantined + duplicates: a row was lost or doubled in the parsing."""


class PageChanged(RuntimeError):
    """A page no longer has the shape that its reader knows; the mall has changed it, or the reader is wrong."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what} ({where})")


class EmptyRanking(PageChanged):
    """A ranking without a single product: never a normal day."""


class BrowserLost(RuntimeError):
    """The browser or its driver crashed or hangs; a new one may do."""


class PageUnreachable(RuntimeError):
    """An address gave no answer: refused, reset or timed out."""


class PageTimedOut(PageUnreachable):
    """A page did not load in time: the mall is silent, or the browser hangs. A new browser tells which."""


class PageBroken(RuntimeError):
    """A page answered with an error, or stopped before its list was at its end."""


class Slowed(RuntimeError):
    """The mall asked for less: 429 or 503."""


class MallStopped(Lasting, RuntimeError):
    """The mall refuses us: a captcha, or 403 several times in a row. Its host is closed for a while."""
