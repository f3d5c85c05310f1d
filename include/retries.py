"""When a task tries again: after whatever may pass (a server away, a lost worker), not after what cannot.

A named exception that another try cannot mend derives from `Lasting`; the policy then fails the task at once, so that
its one clear sentence is not repeated for minutes before anybody sees red.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any


class Lasting(Exception):
    """A failure that another try with the same input cannot mend."""


def default_args(execution_timeout: timedelta) -> dict[str, Any]:
    """The default_args of a DAG: three tries with growing pauses, a time limit, no try after a Lasting failure."""
    from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

    return {
        "retries": 2,
        # a restarted database or S3 server answers again within seconds; the second pause is for a slower one
        "retry_delay": timedelta(seconds=20),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=5),
        "execution_timeout": execution_timeout,
        "retry_policy": ExceptionRetryPolicy(
            rules=[RetryRule(exception=Lasting, action=RetryAction.FAIL, reason="another try cannot mend this")]
        ),
    }
