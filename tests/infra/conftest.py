"""One AWS a session, and an installation on it for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.release.build import Release
from tests.infra.cloud import Cloud, aws_server
from tests.infra.memory_aws import MemoryS3, MemorySsm
from tests.infra.node import Processes
from tests.infra.one_node import OneNode, shelf_of
from tests.infra.releases import Repository
from tests.servers import free_port


@pytest.fixture(scope="session")
def aws_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with aws_server(tmp_path_factory.mktemp("aws")) as endpoint:
        yield endpoint


@pytest.fixture
def cloud(aws_endpoint: str) -> Iterator[Cloud]:
    made = Cloud(aws_endpoint)
    yield made
    made.stop_all()


@pytest.fixture(scope="session")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Release]:
    """An older and a newer release that both work."""
    folder = tmp_path_factory.mktemp("releases")
    repository = Repository(folder / "git")
    older = repository.release(folder / "older")
    repository.commit(**{"include/words.py": 'GREETING = "good morning"\n'})
    return older, repository.release(folder / "newer")


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Release]:
    return shelf_of(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def node(tmp_path: Path, shelf: dict[str, Release]) -> Iterator[OneNode]:
    made = OneNode(tmp_path / "node", MemoryS3(tmp_path / "s3"), MemorySsm(), free_port(), shelf)
    yield made
    Processes(made.root).end_all()


@pytest.fixture
def quick(node: OneNode) -> None:
    """Without the import of the DAGs, which takes seconds and has tests of its own."""
    node.check_dags = lambda release: ["greet"]
