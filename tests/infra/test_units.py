"""The systemd units: one for each service, ordered, restarted, hardened, and accepted by systemd's own check."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from infra.node.services import ROLES, SERVICES
from local.stack import ROOT

UNITS = ROOT / "infra" / "systemd"
SERVICE_UNITS = sorted(UNITS.glob("*.service"))
OURS = {service.unit for service in SERVICES.values()}


def read(unit: Path) -> dict[str, dict[str, str]]:
    """Sections of a unit; a repeated key is a fault of ours."""
    sections: dict[str, dict[str, str]] = {}
    section = ""
    for line in unit.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            sections[section] = {}
            continue
        key, _, value = line.partition("=")
        assert key not in sections[section], (unit.name, key)
        sections[section][key] = value
    return sections


def test_every_service_of_a_node_has_its_unit_and_no_other_is_there() -> None:
    assert len(OURS) == 9
    assert {path.name for path in UNITS.iterdir()} == OURS | {"otto-agent.service", "otto-agent.timer", "otto.target"}
    assert {service for role in ROLES.values() for service in role.services} == set(SERVICES.values())


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_unit_runs_its_own_service_from_the_current_release(name: str) -> None:
    unit = read(UNITS / SERVICES[name].unit)["Service"]
    assert unit["ExecStart"] == f"/opt/otto/current/venv/bin/python -m infra.node launch {name}"
    assert unit["WorkingDirectory"] == "/opt/otto/current"
    assert unit["User"] == unit["Group"] == "otto"


@pytest.mark.parametrize("unit", SERVICE_UNITS, ids=lambda path: path.name)
def test_no_service_may_more_than_it_needs(unit: Path) -> None:
    service = read(unit)["Service"]
    needed = {"NoNewPrivileges": "yes", "PrivateTmp": "yes", "ProtectHome": "yes", "ProtectSystem": "strict"}
    assert {key: service.get(key) for key in needed} == needed
    if unit.name in OURS:
        assert service["CapabilityBoundingSet"] == ""
        assert service["ReadWritePaths"] == "/var/lib/otto"
        assert service["MemoryMax"][-1] in "GM"
        # the browser's own sandbox needs them
        assert service.get("RestrictNamespaces") == (None if "browser" in unit.name else "yes")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_restarted_when_it_fails(name: str) -> None:
    unit = read(UNITS / SERVICES[name].unit)
    # a worker that was told to end and ended is not to come back
    assert unit["Service"]["Restart"] == ("on-failure" if SERVICES[name].overlaps else "always")
    assert int(unit["Service"]["RestartSec"]) > 0
    assert int(unit["Unit"]["StartLimitBurst"]) >= 10


def test_what_asks_the_api_server_starts_after_it_and_everything_after_the_network() -> None:
    for name in ("scheduler", "dag-processor", "triggerer"):
        assert "otto-api-server.service" in read(UNITS / SERVICES[name].unit)["Unit"]["After"]
    for unit in SERVICE_UNITS:
        assert "network-online.target" in read(unit)["Unit"]["After"]


def test_a_worker_is_let_finish_its_tasks_and_a_browser_cannot_take_the_node_s_memory() -> None:
    for name in ("worker-default", "worker-browser"):
        unit = read(UNITS / SERVICES[name].unit)["Service"]
        assert unit["KillMode"] == "mixed"
        assert int(unit["TimeoutStopSec"]) > 3600  # the longest execution_timeout of a DAG
        assert "OTTO_INSTANCE=%i" in unit["Environment"]
    browser = read(UNITS / SERVICES["worker-browser"].unit)["Service"]
    assert (browser["MemoryHigh"], browser["MemoryMax"], browser["MemorySwapMax"]) == ("3G", "4G", "0")


def test_after_a_boot_the_agent_looks_by_itself_and_again_every_few_minutes() -> None:
    timer = read(UNITS / "otto-agent.timer")
    assert timer["Timer"]["OnBootSec"] == "20s"
    assert timer["Timer"]["OnUnitInactiveSec"] == "5min"
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert read(UNITS / "otto-agent.service")["Service"]["ExecStart"] == "/usr/bin/python3 -m infra.node pull"


@pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not here; Debian's package systemd brings it"
)
def test_systemd_itself_finds_no_fault(tmp_path: Path) -> None:
    # the node as systemd would find it: the programs that are started, its own units, ours
    for program in ("opt/otto/current/venv/bin/python", "usr/bin/python3"):
        path = tmp_path / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    shutil.copytree("/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    shutil.copytree(UNITS, tmp_path / "etc/systemd/system")
    names = [unit.name.replace("@.", "@1-2.") for unit in sorted(UNITS.iterdir())]
    command = ["systemd-analyze", "verify", "--man=no", f"--root={tmp_path}", *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    ours = [line for line in done.stderr.splitlines() if "otto" in line]
    assert (done.returncode, ours) == (0, []), done.stderr
