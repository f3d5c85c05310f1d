"""Limits and log lines of every request."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client, override_settings

from web.logs import JsonLines

pytestmark = pytest.mark.slow


def test_an_address_that_asks_too_much_is_told_when_to_come_back(client: Client) -> None:
    with override_settings(REQUESTS_A_MINUTE=60):
        hasty = Client(headers={"accept-language": "en"})
        answers = [hasty.get("/status.json") for _ in range(22)]
        assert [each.status_code for each in answers[:20]] == [200] * 20
        assert answers[-1].status_code == 429
        assert "too many requests" in answers[-1].content.decode()
        assert answers[-1]["Retry-After"] == "1"
        assert hasty.get("/healthz").status_code == 200
        assert Client(REMOTE_ADDR="10.0.0.9").get("/status.json").status_code == 200


def test_every_request_is_one_json_line_without_its_query(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "web.middleware")
    client.get("/?q=secret")
    (record,) = [each for each in caplog.records if each.name == "web.middleware"]
    line = json.loads(JsonLines().format(record))
    assert (line["message"], line["method"], line["path"], line["status"]) == ("request", "GET", "/", 200)
    assert line["milliseconds"] > 0
    assert "secret" not in json.dumps(line)


def test_an_exception_is_part_of_its_line() -> None:
    try:
        raise ValueError("no")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", None, (ValueError, error, error.__traceback__))
    assert "ValueError: no" in json.loads(JsonLines().format(record))["exception"]
