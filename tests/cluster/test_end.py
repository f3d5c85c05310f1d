"""The last of this folder: what is left of a cluster that was told to stop."""

from __future__ import annotations

import pytest

from tests.stack import RunningStack

pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.timeout(1200)]


def test_a_cluster_that_was_stopped_leaves_no_process_and_its_data(cluster: RunningStack) -> None:
    assert cluster.processes()
    cluster.local("down")
    assert cluster.processes() == []
    assert (cluster.state / "postgres").is_dir()
    assert (cluster.state / "broker").is_dir()
    assert not [row for row in cluster.status()["services"] if row["pid"]]
