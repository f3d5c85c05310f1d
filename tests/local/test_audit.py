"""The audit against a service of our own that answers as the documentation of OSV says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from local import audit
from local.audit import NoAnswer
from local.stack import ROOT

PACKAGES = [("jinja2", "3.0.0"), ("sound", "1.0")]


@pytest.fixture
def service() -> Iterator[tuple[str, dict[str, Any]]]:
    """An address and what stands behind it: what was asked, and what it answers."""
    known = [{"id": "GHSA-1"}, {"id": "GHSA-2"}]
    state: dict[str, Any] = {"status": 200, "answer": {"results": [{"vulns": known}, {}]}}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            state["asked"] = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(state["status"])
            self.end_headers()
            self.wfile.write(json.dumps(state["answer"]).encode())

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/querybatch", state
    server.shutdown()
    server.server_close()


def test_every_pin_of_the_lock_is_asked_for() -> None:
    found = audit.pins(ROOT / "requirements.lock")
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert len(found) == sum(line[:1].isalnum() for line in lines) > 100
    assert "django" in dict(found)


def test_what_is_known_is_listed_and_what_was_accepted_is_not(
    service: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, state = service
    assert audit.vulnerabilities(PACKAGES, address) == {"jinja2 3.0.0": ["GHSA-1", "GHSA-2"]}
    assert state["asked"]["queries"][1] == {"package": {"name": "sound", "ecosystem": "PyPI"}, "version": "1.0"}
    monkeypatch.setattr(audit, "ACCEPTED", {"GHSA-1": "not reached", "GHSA-2": "not reached"})
    assert audit.vulnerabilities(PACKAGES, address) == {}


@pytest.mark.parametrize(
    ("status", "answer"), [(503, {}), (200, {}), (200, {"results": [{}]}), (200, []), (200, {"results": None})]
)
def test_no_usable_answer_is_never_nothing_found(service: tuple[str, dict[str, Any]], status: int, answer: Any) -> None:
    address, state = service
    state |= {"status": status, "answer": answer}
    with pytest.raises(NoAnswer):
        audit.vulnerabilities(PACKAGES, address)


def test_an_unreachable_service_and_an_empty_lock_fail_clearly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTTO_AUDIT_SERVICE", "http://127.0.0.1:9/")
    assert audit.main() == 2
    assert "not done" in capsys.readouterr().err
    (tmp_path / "requirements.lock").write_text("")
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    assert audit.main() == 2
