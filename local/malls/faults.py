"""What can be made to go wrong on purpose. Set over HTTP (`POST /__control/faults`), from this machine only, or by
`python -m local.malls.faults`.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

# Of the transport, and of the shape of an answer (local/malls/spoil.py says what each does).
TRANSPORT = ("slow", "truncated", "reset", "captcha", "mojibake", "renamed_field", "graphql_errors")
SHAPES = ("vanished_list", "empty_list", "duplicate_reviews", "foreign_product", "blind_reviews")
_OTHERS = ("status", "empty_ranking", "no_reviews")


class FaultRefused(ValueError):
    """The control endpoint was asked for a fault that does not exist or does not make sense."""


@dataclass
class StatusFault:
    """Answer the next `times` requests that match with a status instead of a page, once `after` of them were served."""

    status: int
    times: int
    retry_after: int | None = None
    mall: str | None = None  # None matches all
    host: str | None = None  # the first part of a host name: www, goods, ...; None matches all
    path: str = "/"  # a prefix
    after: int = 0


@dataclass
class SpoilFault:
    """Spoil the next `times` answers that match, once `after` of them were served whole."""

    kind: str
    times: int = 1_000_000
    mall: str | None = None  # None matches all
    host: str | None = None
    path: str = "/"  # a prefix
    list: str | None = None  # of which kind the list is, ranking or reviews; None: reviews. For faults of the shape
    after: int = 0
    seconds: float = 3.0  # slow
    field: str = ""  # renamed_field: the old name and the new one
    to: str = ""


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._statuses: list[StatusFault] = []
        self._spoils: list[SpoilFault] = []
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
            elif kind in TRANSPORT + SHAPES:
                self._spoils.append(_spoil_fault(wish))
            else:
                known = ", ".join((*_OTHERS, *TRANSPORT, *SHAPES))
                raise FaultRefused(f"unknown fault {wish!r}; known kinds are {known}")
        except (KeyError, TypeError) as error:
            raise FaultRefused(f"the fault {wish!r} is incomplete or says too much: {error}") from error

    def clear(self) -> None:
        """Switch all off."""
        self._statuses.clear()
        self._spoils.clear()
        self._empty_rankings.clear()
        self._without_reviews.clear()

    def listing(self) -> list[dict[str, Any]]:
        """What is on, as it would be posted."""
        statuses = [{"kind": "status", **asdict(fault)} for fault in self._statuses if fault.times > 0]
        rankings = [{"kind": "empty_ranking", "category": code} for code in sorted(self._empty_rankings)]
        silent = [{"kind": "no_reviews", "product_id": number} for number in sorted(self._without_reviews)]
        spoils = [asdict(fault) for fault in self._spoils if fault.times > 0]
        return statuses + rankings + silent + spoils

    def take_status(self, mall: str, host: str, path: str) -> StatusFault | None:
        """The status fault that this request meets, counted down; None for a request that is served."""
        for fault in self._statuses:
            named = fault.mall in (None, mall) and fault.host in (None, host)
            if named and path.startswith(fault.path) and _meets(fault):
                return fault
        return None

    def take_spoil(self, mall: str, host: str, path: str, kind: str | None) -> SpoilFault | None:
        """The spoiling that this answer meets, counted down. `kind`: of the list that the answer keeps, if any."""
        for fault in self._spoils:
            named = fault.mall in (None, mall) and fault.host in (None, host) and path.startswith(fault.path)
            fits = fault.kind in TRANSPORT or kind == (fault.list or "reviews")
            if named and fits and _meets(fault):
                return fault
        return None

    def ranking_is_empty(self, code: str) -> bool:
        """Whether the ranking of a six-digit code shows nothing."""
        return code in self._empty_rankings

    def has_no_reviews(self, product_id: str) -> bool:
        """Whether a product's review list is empty."""
        return product_id in self._without_reviews


def _meets(fault: StatusFault | SpoilFault) -> bool:
    """Whether a request that matches meets the fault; counts it down."""
    if fault.times <= 0:
        return False
    if fault.after > 0:
        fault.after -= 1
        return False
    fault.times -= 1
    return True


def _status_fault(fields: dict[str, Any]) -> StatusFault:
    fault = StatusFault(**fields)
    numbers = (fault.status, fault.times, fault.after, fault.retry_after if fault.retry_after is not None else 0)
    if not all(isinstance(number, int) and number >= 0 for number in numbers) or not 400 <= fault.status <= 599:
        raise FaultRefused(f"{fields!r}: status is 400 to 599; times, after and retry_after are whole numbers from 0")
    return fault


def _spoil_fault(fields: dict[str, Any]) -> SpoilFault:
    fault = SpoilFault(**fields)
    counts = (fault.times, fault.after)
    if not all(isinstance(count, int) and count >= 0 for count in counts) or not 0 <= fault.seconds <= 600:
        raise FaultRefused(f"{fields!r}: times and after are whole numbers from 0, seconds 0 to 600")
    if fault.kind == "renamed_field" and not (fault.field and fault.to):
        raise FaultRefused(f"{fields!r}: renamed_field needs field and to")
    if fault.list not in (None, "ranking", "reviews"):
        raise FaultRefused(f"{fields!r}: list is ranking or reviews")
    return fault


def main(arguments: list[str] | None = None) -> int:
    """Switch a fault of running replicas on, list them, or clear them all; prints what is on."""
    known = ", ".join((*_OTHERS, *TRANSPORT, *SHAPES))
    parser = argparse.ArgumentParser(prog="python -m local.malls.faults", description=main.__doc__)
    parser.add_argument("kind", help=f"list, clear, or one of: {known}")
    parser.add_argument("values", nargs="*", metavar="name=value", help="such as times=3 host=goods retry_after=2")
    parser.add_argument("--port", type=int, default=8095)
    wanted = parser.parse_args(arguments)
    method = {"list": "GET", "clear": "DELETE"}.get(wanted.kind, "POST")
    wish: dict[str, Any] = {"kind": wanted.kind}
    for text in wanted.values:
        name, _, value = text.partition("=")
        is_number = value.isdigit() and name in ("status", "times", "after", "retry_after", "seconds")
        wish[name] = int(value) if is_number else value
    body = json.dumps(wish).encode() if method == "POST" else None
    address = f"http://127.0.0.1:{wanted.port}/__control/faults"
    request = urllib.request.Request(address, body, method=method)  # noqa: S310 (loopback)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            print(json.dumps(json.load(answer), ensure_ascii=False, indent=1))
    except urllib.error.HTTPError as error:
        print(error.read().decode().strip(), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"no replica malls answer at {address} ({error}); --port names theirs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
