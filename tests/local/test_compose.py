"""docker-compose.yaml and Dockerfile, as far as they can be checked without an engine."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from include.scrapers import browser
from local.prepare import STEPS
from local.services import BY_NAME
from local.stack import QUEUES, ROOT, WORKER_NODES

# of the compose specification, what this file may use
_SERVICE_KEYS = {
    "build",
    "command",
    "depends_on",
    "environment",
    "healthcheck",
    "image",
    "init",
    "mem_limit",
    "network_mode",
    "pids_limit",
    "profiles",
    "restart",
    "shm_size",
    "stop_grace_period",
    "stop_signal",
    "volumes",
}
# what is no part of Otto
_FOREIGN = {"grid"}
_INTERNAL = {
    "OTTO_STACK_STATE",
    "OTTO_STACK_SERVICE",
    "OTTO_CALLER",
    "OTTO_SETUP_LOG",
    "OTTO_PYTHON_RANGE",
    "OTTO_BAKEOFF_LOCK",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))


def _ours(compose: dict[str, Any]) -> dict[str, Any]:
    return {name: service for name, service in compose["services"].items() if name not in _FOREIGN}


def _example() -> set[str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^([A-Z_0-9]+)=", text, re.MULTILINE))


def test_every_service_of_the_stack_is_there_and_every_other_one_prepares_or_runs_the_pipeline(compose: dict) -> None:
    long_running = {name for name, service in compose["services"].items() if service["restart"] != "no"}
    # a container needs no wire: it has walls of its own
    assert long_running == set(BY_NAME) - set(WORKER_NODES) | _FOREIGN
    assert set(compose["services"]) - long_running == {f"prepare-{step}" for step in STEPS} | {"pipeline"}


def test_every_command_is_one_that_the_stack_knows(compose: dict) -> None:
    for name, service in _ours(compose).items():
        verb = service["command"][3:]
        expected = ["run", name] if name in BY_NAME else name.split("-", 1)
        assert service["command"][:3] == ["python", "-m", "local"]
        assert verb == expected


def test_the_image_is_a_stage_that_is_not_root_and_has_an_init_and_no_browser(compose: dict) -> None:
    stages = dict(re.findall(r"^FROM \S+ AS (\w+)\n(.*?)(?=^FROM|\Z)", _dockerfile(), re.MULTILINE | re.DOTALL))
    assert set(stages) == {"packages", "node"}
    assert "chromium" not in _dockerfile()
    assert '\nENTRYPOINT ["/usr/bin/tini", "--"]\n' in stages["node"]
    assert re.findall(r"^USER (\w+)$", stages["node"], re.MULTILINE)[-1] == "otto"
    for name, service in _ours(compose).items():
        assert (service["build"], service["image"]) == ({"context": ".", "target": "node"}, "otto:node"), name
    # a worker that is told to end may finish what it is at
    assert {
        compose["services"][f"{node}-{queue}"]["stop_grace_period"] for node in WORKER_NODES for queue in QUEUES
    } == {"1h"}


def test_the_workers_of_the_browser_queue_take_their_browsers_from_the_grid(compose: dict) -> None:
    grid = compose["services"]["grid"]
    port = "${OTTO_GRID_PORT:-4444}"
    using = {name for name, service in _ours(compose).items() if "OTTO_BROWSER_URL" in service["environment"]}
    assert using == {f"{node}-browser" for node in WORKER_NODES}
    for name in using:
        service = compose["services"][name]
        assert service["environment"]["OTTO_BROWSER_URL"] == f"http://127.0.0.1:{port}"
        assert service["depends_on"]["grid"] == {"condition": "service_healthy"}
        others = {key: value for key, value in service["environment"].items() if key != "OTTO_BROWSER_URL"}
        assert others == compose["services"]["web"]["environment"]
    assert re.fullmatch(r"selenium/standalone-chromium:\d+\.\d+\.\d+-\d{8}", grid["image"])
    assert {"shm_size", "mem_limit", "pids_limit"} <= set(grid)
    assert grid["init"] is True
    assert grid["healthcheck"]["test"][1:] == ["/opt/bin/check-grid.sh", "--host", "127.0.0.1", "--port", port]
    assert grid["command"][-2:] == ["--port", port]
    assert grid["environment"]["SE_NODE_GRID_URL"] == f"http://127.0.0.1:{port}"
    # a browser for every task that may run at once, and an answer before a worker would hang up
    settings = tomllib.loads((ROOT / "local/grid.toml").read_text(encoding="utf-8"))
    browsers = len(WORKER_NODES) * QUEUES["browser"]
    assert [driver["max-sessions"] for driver in settings["node"]["driver-configuration"]] == [browsers]
    assert int(grid["environment"]["SE_NODE_MAX_SESSIONS"]) == browsers
    assert settings["sessionqueue"]["session-request-timeout"] < browser._DRIVER_SECONDS
    assert (settings["server"]["host"], settings["server"]["bind-host"]) == ("127.0.0.1", True)


def _dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_every_key_is_one_of_the_specification_and_every_volume_is_declared(compose: dict) -> None:
    assert {key for key in compose if not key.startswith("x-")} == {"services", "volumes"}
    for service in compose["services"].values():
        assert set(service) <= _SERVICE_KEYS
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (source.startswith("./") and (ROOT / source).is_file())


def test_who_is_waited_for_exists_and_can_satisfy_the_condition(compose: dict) -> None:
    services = compose["services"]
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert name in _FOREIGN or services[name]["healthcheck"]["test"][-2:] == ["healthy", name]
            else:
                assert services[name]["restart"] == "no"


def test_nothing_waits_for_itself(compose: dict) -> None:
    waits = {name: set(service.get("depends_on", {})) for name, service in compose["services"].items()}
    while waits:
        ready = {name for name, others in waits.items() if not others & set(waits)}
        assert ready, f"a circle among {sorted(waits)}"
        waits = {name: others for name, others in waits.items() if name not in ready}


def test_every_variable_is_explained_in_the_example_with_the_same_default(compose: dict) -> None:
    text = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
    example = dict(re.findall(r"^([A-Z_0-9]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    used = re.findall(r"\$\{([A-Z_0-9]+):-([^}]*)\}", text)
    assert len(used) >= 6
    assert {name: example.get(name) for name, _ in used} == dict(used)


def test_every_variable_that_the_code_reads_is_in_the_example() -> None:
    found: set[str] = set()
    for folder in ("include", "ml", "web", "api", "local", "dags"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".sh"):
                found |= set(re.findall(r"\bOTTO_[A-Z][A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))
    assert "OTTO_WEB_PORT" in _example()
    assert found - _INTERNAL - _example() == set()


def test_the_image_copies_what_exists_and_all_that_the_services_need() -> None:
    text = _dockerfile()
    copied = re.findall(r"^COPY (\S+) \S+$", text, re.MULTILINE)
    assert [source for source in copied if not (ROOT / source).exists()] == []
    modules = {(service.module or "local").split(".")[0] for service in BY_NAME.values()}
    assert modules | {"dags", "plugins", "include", "ml", "airflow.cfg", "requirements.lock"} <= set(copied)
    assert re.search(r"^USER (?!root)\w+$", text, re.MULTILINE)


def test_nothing_is_published_beyond_loopback(compose: dict) -> None:
    # on the host's network a published port would be meaningless, and every service listens on 127.0.0.1 itself
    assert {service["network_mode"] for service in compose["services"].values()} == {"host"}
    assert not [name for name, service in compose["services"].items() if "ports" in service]
