"""One AWS a session, and an installation on it for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.release.build import Release
from tests.infra.cloud import Cloud, aws_server
from tests.infra.releases import Repository


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
