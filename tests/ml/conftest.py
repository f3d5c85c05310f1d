"""What all tests of the size model share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def one_blas_thread() -> Iterator[None]:
    """As the daily training does: thousands of small systems, for which threads would only wait for each other."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield
