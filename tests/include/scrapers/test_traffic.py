"""What the browser makes of network events, without one: bodies fetched as they come, errors where they are wanted."""

from __future__ import annotations

import base64
import queue
import time
from types import SimpleNamespace
from typing import Any

import pytest
from selenium.common.exceptions import WebDriverException

from include.scrapers.browser import Browser
from include.scrapers.errors import BrowserLost
from include.scrapers.traffic import Traffic


class Network:
    """Gives bodies by the request's number; one that it does not have is an error of the driver."""

    def __init__(self, bodies: dict[str, bytes]) -> None:
        self.bodies = bodies
        self.asked: list[str] = []

    def get_data(self, *, request: str, **_: Any) -> dict[str, Any]:
        self.asked.append(request)
        if request not in self.bodies:
            raise WebDriverException("no such network data")
        return {"bytes": {"type": "base64", "value": base64.b64encode(self.bodies[request]).decode()}}


def browser(**bodies: bytes) -> tuple[Any, Network]:
    """A browser that was never started."""
    made, network = Browser.__new__(Browser), Network(bodies)
    made._traffic, made._collector, made._departures = Traffic(), "collector", queue.SimpleQueue()
    made._driver = SimpleNamespace(network=network)  # type: ignore[assignment]
    return made, network


def completed(number: str, status: int = 200, kind: str = "Fetch") -> Any:
    """A responseCompleted event."""
    request = {"request": number, "destination": "", "goog:resourceType": kind, "method": "GET"}
    return SimpleNamespace(request=request, response={"url": f"http://x/{number}", "status": status, "headers": []})


def test_a_body_is_fetched_when_its_answer_comes_and_given_once() -> None:
    made, network = browser(a="가나".encode(), b=b"two")
    for number in "ab":
        made._on_response(completed(number))
    assert network.asked == ["a", "b"]
    first, second = made.next_response(0), made.next_response(0)
    assert (made.body(second), made.body(first)) == ("two", "가나")
    with pytest.raises(BrowserLost, match="given away"):
        made.body(first)


def test_a_body_that_cannot_be_had_is_an_error_where_it_is_wanted_and_nowhere_else() -> None:
    made, _ = browser(b=b"two")
    made._on_response(completed("a"))
    made._on_response(completed("b"))
    broken, whole = made.next_response(0), made.next_response(0)
    assert made.body(whole) == "two"
    with pytest.raises(BrowserLost, match=r"http://x/a: .*no such network data"):
        made.body(broken)


def test_pictures_and_the_hop_of_a_redirect_are_no_answers() -> None:
    made, network = browser(a=b"one")
    made._on_response(completed("a", status=302))
    made._on_response(completed("p", kind="Image"))
    assert made.next_response(0) is None
    made._on_response(completed("a"))
    assert made.body(made.next_response(0)) == "one"
    assert network.asked == ["a"]


def test_documents_and_data_are_told_as_they_leave_and_once_and_pictures_and_preflights_are_not() -> None:
    made, _ = browser()
    for number, (destination, kind, method) in enumerate(
        [("document", "Document", "GET"), ("", "Fetch", "GET"), ("", "Fetch", "OPTIONS"), ("image", "Image", "GET")]
    ):
        request = {"request": str(number), "url": f"http://h{number}.x:8080/", "destination": destination,
                   "goog:resourceType": kind, "method": method}  # fmt: skip
        made._on_request({"request": request})
    told = list(made.departures())
    assert [host for host, _ in told] == ["h0.x", "h1.x"]
    assert all(0 <= time.monotonic() - at < 5 for _, at in told)
    assert list(made.departures()) == []
    assert made.is_loading()
    made._on_response(completed("1"))
    assert made.is_loading()  # here, and not yet taken
    made.next_response(0)
    assert not made.is_loading()
