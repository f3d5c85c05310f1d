"""The gate's report in the Airflow UI: for those who may see the DAG, and nothing but a stored report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from unittest import mock

import pytest

from include.lake import Lake, model_folder
from tests.ml.invented import FakeS3

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="otto-airflow-"))  # read when airflow is imported first

VERSION = "20261122-0123456789ab"


@pytest.fixture
def lake() -> Iterator[Lake]:
    held = Lake(FakeS3(), "invented")
    with mock.patch.object(Lake, "from_connection", return_value=held):
        yield held


@pytest.fixture
def visitor() -> Iterator[object]:
    from fastapi.testclient import TestClient

    from plugins import size_model_report

    size_model_report.app.dependency_overrides[size_model_report.may_read] = lambda: None
    yield TestClient(size_model_report.app)
    size_model_report.app.dependency_overrides.clear()


def test_the_stored_page_is_shown_and_may_run_nothing(lake: Lake, visitor: object) -> None:
    lake.put(model_folder(VERSION) + "report.html", "<h1>판정</h1>".encode())
    answer = visitor.get(f"/size_models/{VERSION}/report")
    assert (answer.status_code, answer.text) == (200, "<h1>판정</h1>")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_model_without_a_report_is_named(lake: Lake, visitor: object) -> None:
    answer = visitor.get(f"/size_models/{VERSION}/report")
    assert answer.status_code == 404
    assert VERSION in answer.json()["detail"]


@pytest.mark.parametrize("version", ["..", "20261122", "20261122-0123456789ab%2F..", "20261122-0123456789AB"])
def test_only_a_model_version_is_looked_for(lake: Lake, visitor: object, version: str) -> None:
    lake.put("models/size/report.html", b"secret")
    assert visitor.get(f"/size_models/{version}/report").status_code in {404, 422}


def test_a_stranger_is_asked_to_log_in(lake: Lake) -> None:
    from fastapi.testclient import TestClient

    from plugins import size_model_report

    lake.put(model_folder(VERSION) + "report.html", b"<h1>no</h1>")
    answer = TestClient(size_model_report.app).get(f"/size_models/{VERSION}/report")
    assert answer.status_code == 401
    assert "no" not in answer.text.split()
