"""May I? robots.txt of every host, read once a worker, failing closed; and the one opener outside the browser.

404 and 410 mean no rules. Anything else that is no readable robots.txt (5xx, 401, 403, a time-out, HTML in its place)
means refused. A closed host is open only where the mall's settings record a permission that names it. The standard
library's parser takes the first rule that matches, where RFC 9309 asks for the longest: `Allow: /` before
`Disallow: /embed/` would open everything; hence the small parser here.
"""

from __future__ import annotations

import http.client
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from math import inf
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from include.retries import Lasting
from include.settings import SEOUL, Mall

log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 10.0
_MAX_BYTES = 512 * 1024  # RFC 9309 asks for at least 500 KiB
_REDIRECTS = 5
_FRESH_SECONDS = 3600.0  # rules are read again after an hour; RFC 9309 allows a day


class RobotsRefused(Lasting, PermissionError):
    """A host's robots.txt or the mall's terms close an address and no recorded permission opens it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer to a request outside the browser."""

    status: int
    body: bytes
    headers: dict[str, str]


def open_url(url: str, user_agent: str, timeout: float = _TIMEOUT_SECONDS) -> Answer:
    """GET one address. A `.localhost` name is reached at 127.0.0.1 with its Host header kept. Raises OSError."""
    for _ in range(_REDIRECTS + 1):
        answer = _get(url, user_agent, timeout)
        location = answer.headers.get("location")
        if answer.status not in (301, 302, 303, 307, 308) or not location:
            return answer
        url = urljoin(url, location)
    raise OSError(f"{url} redirects more than {_REDIRECTS} times")


def _get(url: str, user_agent: str, timeout: float) -> Answer:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OSError(f"{url} is no web address")
    host = "127.0.0.1" if parts.hostname.endswith(".localhost") else parts.hostname
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, parts.port, timeout=timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", path, headers={"Host": parts.netloc, "User-Agent": user_agent})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, response.read(_MAX_BYTES), headers)
    except http.client.HTTPException as error:
        raise OSError(f"{url} gave no readable answer: {error!r}") from error
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one robots.txt that hold for us; a longer path wins, and of equals Allow."""

    lines: tuple[tuple[bool, str], ...]  # (allow, path pattern)

    def allow(self, path: str) -> bool:
        """Whether a path (with its query) may be asked for."""
        matching = [(len(pattern), allow) for allow, pattern in self.lines if _matches(pattern, path)]
        return max(matching, default=(0, True))[1]


def read_rules(text: str, user_agent: str) -> Rules:
    """The rules of a robots.txt for this user agent's product token, else those for `*`."""
    token = re.split(r"[/\s]", user_agent.strip(), maxsplit=1)[0].casefold()
    groups: dict[str, list[tuple[bool, str]]] = {}
    agents: list[str] = []
    in_rules = False
    for line in text.splitlines():
        name, _, value = (part.strip() for part in line.split("#", 1)[0].partition(":"))
        if name.casefold() == "user-agent":
            agents = [value.casefold()] if in_rules else [*agents, value.casefold()]
            in_rules = False
            groups.setdefault(value.casefold(), [])
        elif name.casefold() in ("allow", "disallow"):
            in_rules = True
            if value:  # an empty Disallow forbids nothing
                for agent in agents:
                    groups[agent].append((name.casefold() == "allow", value))
    return Rules(tuple(groups.get(token, groups.get("*", []))))


def _matches(pattern: str, path: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*")
    if expression.endswith(r"\$"):
        expression = expression[:-2] + "$"
    return re.match(expression, path) is not None


_OPEN, _CLOSED = Rules(()), Rules(((False, "/"),))


class Gate:
    """Says for every address of one mall whether it may be asked for; holds each host's rules for an hour."""

    def __init__(
        self,
        mall: Mall,
        fetch: Callable[[str, str], Answer] = open_url,
        take: Callable[[str], object] = lambda host: None,
        today: Callable[[], date] = lambda: datetime.now(ZoneInfo(SEOUL)).date(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._mall = mall
        self._fetch = fetch
        self._take = take  # the host's pace: robots.txt is a request too
        self._today = today
        self._clock = clock
        self._hosts: dict[str, tuple[Rules, str]] = {}
        self._read_at: dict[str, float] = {}

    def check(self, url: str) -> None:
        """Pass an address that may be asked for. Raises RobotsRefused that names host and reason."""
        parts = urlsplit(url)
        origin, host = f"{parts.scheme}://{parts.netloc}", parts.hostname or ""
        if self._read_at.get(origin, -inf) < self._clock() - _FRESH_SECONDS:
            self._hosts[origin] = self._rules(origin, host)
            self._read_at[origin] = self._clock()
        rules, reason = self._hosts[origin]
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if rules.allow(path) or self._mall.permits(host, self._today()):
            return
        raise RobotsRefused(
            f"{host} refuses {parts.path or '/'}: {reason}. Nothing was asked. With a written permission of the mall, "
            f"record it under {self._mall.name}.permissions of the malls file (docs/malls.md)"
        )

    def _rules(self, origin: str, host: str) -> tuple[Rules, str]:
        if self._mall.needs_permission and not self._mall.permits(host, self._today()):
            return self._note(host, _CLOSED, "the mall's terms forbid robots without its consent")
        return self._read(origin, host)

    def _read(self, origin: str, host: str) -> tuple[Rules, str]:
        self._take(host)
        try:
            answer = self._fetch(f"{origin}/robots.txt", self._mall.user_agent)
        except OSError as error:
            return self._note(host, _CLOSED, f"its robots.txt could not be read ({error})")
        if answer.status in (404, 410):
            return self._note(host, _OPEN, "it has no robots.txt")
        if answer.status != 200:
            return self._note(host, _CLOSED, f"its robots.txt answered {answer.status}")
        try:
            text = answer.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self._note(host, _CLOSED, "its robots.txt is not text")
        if text.lstrip().startswith("<"):
            return self._note(host, _CLOSED, "its robots.txt is a web page")
        return self._note(host, read_rules(text, self._mall.user_agent), "its robots.txt closes it")

    def _note(self, host: str, rules: Rules, reason: str) -> tuple[Rules, str]:
        leave = " (a recorded permission opens it)" if self._mall.permits(host, self._today()) else ""
        log.info("robots of %s: %s%s", host, reason if rules is not _OPEN else "no rules", leave)
        return rules, reason
