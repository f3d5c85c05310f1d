"""The gate: robots.txt read as RFC 9309 says, failing closed, opened by a recorded permission only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from include.scrapers.robots import Answer, Gate, RobotsRefused, open_url, read_rules
from include.settings import Mall, Permission

OTTO = "OttoSizeBot/0.1 (contact)"
MALL = Mall("musinsa", {}, {}, 1.0, (), (), (), OTTO)
LEAVE = Permission("*.musinsa.localhost", "somebody", date(2026, 1, 1), date(2026, 12, 31), "all")
TODAY = date(2026, 11, 20)


def gate(answer: Answer | OSError, mall: Mall = MALL, today: date = TODAY) -> tuple[Gate, list[str]]:
    """A gate over one canned answer, and the addresses it asked for."""
    asked: list[str] = []

    def fetch(url: str, user_agent: str) -> Answer:
        asked.append(url)
        if isinstance(answer, OSError):
            raise answer
        return answer

    return Gate(mall, fetch, today=lambda: today), asked


def allowed(answer: Answer | OSError, url: str = "http://www.musinsa.localhost/products/1", mall: Mall = MALL) -> bool:
    """Whether an address passes."""
    try:
        gate(answer, mall)[0].check(url)
    except RobotsRefused:
        return False
    return True


def test_a_host_without_robots_is_open() -> None:
    assert allowed(Answer(404, b"", {}))
    assert allowed(Answer(410, b"", {}))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"", {}),
        Answer(503, b"", {}),
        Answer(401, b"", {}),
        Answer(403, b"", {}),
        Answer(200, b"\xff\xfe\x00bad", {}),
        Answer(200, b"<html>captcha</html>", {}),
        TimeoutError("slow"),
        ConnectionResetError("gone"),
    ],
)
def test_anything_that_is_no_readable_robots_is_a_refusal(answer: Answer | OSError) -> None:
    assert not allowed(answer)


def test_the_longest_rule_wins_and_of_equals_allow() -> None:
    rules = read_rules("User-agent: *\nAllow: /\nDisallow: /embed/\nDisallow: /p$\nAllow: /p$\nDisallow: /*.json", OTTO)
    assert rules.allow("/products/1")
    assert not rules.allow("/embed/x")
    assert rules.allow("/p")
    assert not rules.allow("/a/b.json?x=1")


def test_our_own_group_comes_before_the_star_and_groups_of_several_agents_are_shared() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: Yeti\nUser-agent: OttoSizeBot\nAllow: /\nDisallow: /auth/ # no\n"
    assert read_rules(text, OTTO).allow("/products/1")
    assert not read_rules(text, OTTO).allow("/auth/x")
    assert not read_rules(text, "OtherBot/1").allow("/products/1")


def test_an_empty_disallow_forbids_nothing() -> None:
    assert read_rules("User-agent: *\nDisallow:\n", OTTO).allow("/x")


def test_a_closed_host_is_opened_by_a_permission_that_names_it_and_is_valid() -> None:
    closed = Answer(200, b"User-agent: *\nDisallow: /", {})
    mall = replace(MALL, permissions=(LEAVE,))
    assert not allowed(closed)
    assert allowed(closed, mall=mall)
    assert not allowed(closed, url="https://www.musinsa.com/products/1", mall=mall)
    late, _ = gate(closed, mall, today=date(2027, 1, 1))
    with pytest.raises(RobotsRefused, match="closes it"):
        late.check("http://www.musinsa.localhost/products/1")


def test_a_mall_whose_terms_forbid_robots_is_closed_without_a_permission_and_nothing_is_asked_there() -> None:
    mall = replace(MALL, needs_permission=True)
    closed, asked = gate(Answer(404, b"", {}), mall)
    with pytest.raises(RobotsRefused, match="terms forbid robots without its consent"):
        closed.check("http://www.musinsa.localhost/products/1")
    assert asked == []
    assert allowed(Answer(404, b"", {}), mall=replace(mall, permissions=(LEAVE,)))
    assert not allowed(Answer(404, b"", {}), url="http://www.musinsa.com/", mall=replace(mall, permissions=(LEAVE,)))


def test_robots_is_read_once_for_each_host_and_every_host_is_asked() -> None:
    opened, asked = gate(Answer(404, b"", {}))
    for url in ("http://a.x/1", "http://a.x/2", "http://b.x/1"):
        opened.check(url)
    assert asked == ["http://a.x/robots.txt", "http://b.x/robots.txt"]


def test_a_localhost_name_is_reached_on_loopback_with_its_host_header() -> None:
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"{self.headers['Host']} {self.headers['User-Agent']}".encode()
            self.send_response(302 if self.path == "/robots.txt" else 200)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        host = f"goods.musinsa.localhost:{server.server_port}"
        answer = open_url(f"http://{host}/robots.txt", OTTO)
    finally:
        server.shutdown()
        server.server_close()
    assert (answer.status, answer.body.decode()) == (200, f"{host} {OTTO}")


def test_rules_are_read_again_after_an_hour() -> None:
    answers = iter([Answer(404, b"", {}), Answer(200, b"User-agent: *\nDisallow: /", {})])
    moment = [0.0]
    gate = Gate(MALL, lambda url, agent: next(answers), clock=lambda: moment[0])
    gate.check("http://open.x/a")
    moment[0] = 3_599.0
    gate.check("http://open.x/a")
    moment[0] = 3_601.0
    with pytest.raises(RobotsRefused):
        gate.check("http://open.x/a")
