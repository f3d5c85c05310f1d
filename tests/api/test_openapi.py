"""Requests generated from the API's own description never break it."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import app

pytestmark = pytest.mark.slow

schema = schemathesis.openapi.from_asgi("/v1/openapi.json", app)


CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture(autouse=True)
def _over_the_invented_release(client: object) -> None:
    """The pool points at the tests' database."""


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_generated_requests_get_no_server_error(case: schemathesis.Case) -> None:
    answer = case.call()
    case.validate_response(answer, checks=CHECKS if answer.status_code != 405 else CHECKS[:1])
