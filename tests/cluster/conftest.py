"""One cluster for all tests of this folder, and what an undisturbed day leaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.pipeline_run import Step
from tests.run_tables import Tables, tables
from tests.stack import RunningStack, running_stack

CATALOGUE = ("--products", "4", "--reviews-per-product", "60", "--seed", "7")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("cluster"), *CATALOGUE, verb="cluster") as running:
        yield running


@pytest.fixture(scope="session")
def steps(cluster: RunningStack) -> list[Step]:
    """The runs of one day that nothing disturbed."""
    return cluster.run_chain()


@pytest.fixture(scope="session")
def undisturbed(cluster: RunningStack, steps: list[Step]) -> Tables:
    """What they left."""
    return tables(cluster)
