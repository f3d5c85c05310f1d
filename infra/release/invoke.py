"""Asks the Lambda for a deploy and waits for its report."""

from __future__ import annotations

import json
from typing import Any


class DeployFailed(Exception):
    """The Lambda could not be asked, or ended without a report; the message has what it said."""


def deploy(client: Any, function: str, event: dict[str, str]) -> dict[str, Any]:
    """Invoke the function and give its report: outcome, cause, the state of each node. Raises DeployFailed."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        payload = answer["Payload"].read().decode(errors="replace")
    except (BotoCoreError, ClientError) as error:
        raise DeployFailed(f"the Lambda {function} gave no answer: {error}") from error
    if answer.get("FunctionError"):
        raise DeployFailed(
            f"the Lambda {function} ended with an error, and its watch settles the deploy: {payload:.2000}"
        )
    report = json.loads(payload)
    if not isinstance(report, dict) or "outcome" not in report:
        raise DeployFailed(f"the Lambda {function} answered without a report: {payload:.500}")
    return report
