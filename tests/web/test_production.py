"""The production settings under a real gunicorn: what they refuse to start without, and what every answer carries."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from tests import servers

pytestmark = pytest.mark.slow

PRODUCTION = {"DJANGO_SETTINGS_MODULE": "web.settings.production", "OTTO_WEB_HOSTS": "sizes.example, www.sizes.example"}
# what the load balancer says of a visitor's request
THROUGH = {"host": "sizes.example", "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7"}


@pytest.fixture(scope="module")
def site(site_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path]]:
    """The site as it runs behind a load balancer, and its log."""
    port = servers.free_port()
    secret = {"OTTO_WEB_SECRET": secrets.token_urlsafe(40), "OTTO_READER_DSN": site_dsn}
    environment = os.environ | PRODUCTION | secret | {"OTTO_WEB_REQUESTS_A_MINUTE": "600"}
    command = [sys.executable, "-m", "gunicorn", "web.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    log = tmp_path_factory.mktemp("production") / "web.log"
    health = f"http://127.0.0.1:{port}/healthz"

    def healthy() -> bool:
        try:  # a load balancer asks by the machine's own address
            return httpx.get(health, headers={"host": "sizes.example"}, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    with (
        servers.process([*command, "--no-control-socket"], log, healthy, environment),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=THROUGH | {"accept-language": "en"}) as client,
    ):
        yield client, log


def _cookies(answer: httpx.Response) -> dict[str, SimpleCookie]:
    found: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        found.load(line)
    return dict(found)  # type: ignore[arg-type]


def _post(client: httpx.Client, body: dict[str, str], origin: str = "https://sizes.example") -> httpx.Response:
    """The form sent as a browser does it over TLS: with the page's token and its secure cookie."""
    page = client.get("/")
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert found is not None
    headers = {"origin": origin, "cookie": f"otto_csrf={_cookies(page)['otto_csrf'].value}"}
    return client.post("/body", data=body | {"csrfmiddlewaretoken": found[1]}, headers=headers)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"OTTO_WEB_SECRET": ""}, "OTTO_WEB_SECRET must hold at least 32"),
        ({"OTTO_WEB_SECRET": "short"}, "OTTO_WEB_SECRET must hold at least 32"),
        ({"OTTO_WEB_SECRET": "x" * 40, "OTTO_WEB_HOSTS": " , "}, "OTTO_WEB_HOSTS must name the hosts"),
    ],
)
def test_it_does_not_start_without_its_secret_and_its_names(settings: dict[str, str], sentence: str) -> None:
    command = [sys.executable, "-c", "import web.wsgi"]
    ended = subprocess.run(
        command, env=os.environ | PRODUCTION | settings, capture_output=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert sentence in ended.stderr.decode()


def test_djangos_own_deployment_check_finds_nothing() -> None:
    code = (
        "import django; django.setup(); from django.core.management import call_command; "
        "call_command('check', deploy=True)"
    )
    environment = os.environ | PRODUCTION | {"OTTO_WEB_SECRET": secrets.token_urlsafe(50)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    # the one thing left open: whether browsers preload the name is for its owner to decide
    assert set(re.findall(r"security\.W\d+", ended.stderr.decode())) == {"security.W021"}


def test_every_answer_carries_the_security_headers(site: tuple[httpx.Client, Path]) -> None:
    client, _ = site
    for address in ("/", "/products/musinsa/1000000", "/nowhere", "/static/otto/otto.css"):
        headers = client.get(address).headers
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        if address.startswith("/static"):
            continue
        assert headers["x-frame-options"] == "DENY"
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert "private" in headers["cache-control"]
        assert "server" not in headers or "django" not in headers["server"].lower()


def test_plain_http_is_sent_to_https_and_health_is_not(site: tuple[httpx.Client, Path]) -> None:
    client, _ = site
    plain = THROUGH | {"x-forwarded-proto": "http"}
    answer = client.get("/?mall=musinsa", headers=plain)
    assert (answer.status_code, answer.headers["location"]) == (301, "https://sizes.example/?mall=musinsa")
    assert client.get("/healthz", headers=plain).status_code == 200
    assert client.get("/readyz", headers=plain).status_code == 200


def test_another_hosts_name_is_refused(site: tuple[httpx.Client, Path]) -> None:
    client, _ = site
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/", headers={"host": "www.sizes.example"}).status_code == 200


def test_the_form_needs_its_token_and_our_own_page(site: tuple[httpx.Client, Path]) -> None:
    client, _ = site
    body = {"height": "172", "weight": "68", "gender": "male"}
    assert client.post("/body", data=body, headers={"origin": "https://sizes.example"}).status_code == 403
    assert _post(client, body, origin="https://evil.example").status_code == 403
    answer = _post(client, body)
    assert answer.status_code == 303
    for cookie in (_cookies(answer)["otto_bodies"], _cookies(client.get("/"))["otto_csrf"]):
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")


def test_a_request_of_megabytes_is_refused(site: tuple[httpx.Client, Path]) -> None:
    client, _ = site
    assert _post(client, {"height": "1" * 2_000_000}).status_code == 413


def test_no_line_of_the_log_carries_a_body(site: tuple[httpx.Client, Path]) -> None:
    client, log = site
    assert _post(client, {"height": "173.7", "weight": "68.3", "gender": "male"}).status_code == 303
    assert _post(client, {"height": "1737", "weight": "683"}).status_code == 400
    client.get("/products/musinsa/1000001?height=173.7")
    servers.wait_until(lambda: "/products/musinsa/1000001" in log.read_text(), "the log's last line", 10)
    lines = log.read_text()
    assert '"path": "/body"' in lines
    assert not re.search(r"173\.?7|68\.?3\b|otto_bodies", lines)


def test_an_address_that_asks_too_much_is_told_so_and_others_are_not(site: tuple[httpx.Client, Path]) -> None:
    client, _ = site
    hasty = {"x-forwarded-for": "198.51.100.1, 203.0.113.99"}  # the last one is our own proxy's word
    statuses: list[int] = []
    while statuses[-1:] != [429] and len(statuses) < 3_000:  # a slow machine is granted a few more before
        statuses.append(client.get("/status.json", headers=hasty).status_code)
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {200}
    assert len(statuses) > 150
    assert client.get("/status.json").status_code == 200
