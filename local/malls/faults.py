"""What can be made to go wrong on purpose. Set over HTTP (`POST /__control/faults`), from this machine only.

A small seam: the kinds that exist are the ones that tests use.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


class FaultRefused(ValueError):
    """The control endpoint was asked for a fault that does not exist or does not make sense."""


@dataclass
class StatusFault:
    """Answer the next `times` requests that match with a status instead of a page."""

    status: int
    times: int
    retry_after: int | None = None
    mall: str | None = None  # None matches all
    host: str | None = None  # the first part of a host name: www, goods, ...; None matches all
    path: str = "/"  # a prefix


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._statuses: list[StatusFault] = []
        self._empty_rankings: set[str] = set()
        self._without_reviews: set[str] = set()

    def add(self, wish: dict[str, Any]) -> None:
        """Switch one on. Raises FaultRefused that names what is known."""
        kind = wish.get("kind") if isinstance(wish, dict) else None
        try:
            if kind == "status":
                self._statuses.append(_status_fault({key: wish[key] for key in wish if key != "kind"}))
            elif kind == "empty_ranking":
                self._empty_rankings.add(str(wish["category"]))
            elif kind == "no_reviews":
                self._without_reviews.add(str(wish["product_id"]))
            else:
                raise FaultRefused(f"unknown fault {wish!r}; known kinds are status, empty_ranking, no_reviews")
        except (KeyError, TypeError) as error:
            raise FaultRefused(f"the fault {wish!r} is incomplete or says too much: {error}") from error

    def clear(self) -> None:
        """Switch all off."""
        self._statuses.clear()
        self._empty_rankings.clear()
        self._without_reviews.clear()

    def listing(self) -> list[dict[str, Any]]:
        """What is on, as it would be posted."""
        statuses = [{"kind": "status", **asdict(fault)} for fault in self._statuses if fault.times > 0]
        rankings = [{"kind": "empty_ranking", "category": code} for code in sorted(self._empty_rankings)]
        silent = [{"kind": "no_reviews", "product_id": number} for number in sorted(self._without_reviews)]
        return statuses + rankings + silent

    def take_status(self, mall: str, host: str, path: str) -> StatusFault | None:
        """The status fault that this request meets, counted down; None for a request that is served."""
        for fault in self._statuses:
            named = fault.mall in (None, mall) and fault.host in (None, host)
            if fault.times > 0 and named and path.startswith(fault.path):
                fault.times -= 1
                return fault
        return None

    def ranking_is_empty(self, code: str) -> bool:
        """Whether the ranking of a six-digit code shows nothing."""
        return code in self._empty_rankings

    def has_no_reviews(self, product_id: str) -> bool:
        """Whether a product's review list is empty."""
        return product_id in self._without_reviews


def _status_fault(fields: dict[str, Any]) -> StatusFault:
    fault = StatusFault(**fields)
    numbers = (fault.status, fault.times, fault.retry_after if fault.retry_after is not None else 0)
    if not all(isinstance(number, int) and number >= 0 for number in numbers) or not 400 <= fault.status <= 599:
        raise FaultRefused(f"{fields!r}: status is 400 to 599; times and retry_after are whole numbers from 0")
    return fault
