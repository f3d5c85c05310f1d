"""docker-compose.yaml and Dockerfile, as far as they can be checked without an engine."""

import re
from typing import Any

import pytest
import yaml

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
    "mem_limit",
    "network_mode",
    "profiles",
    "restart",
    "security_opt",
    "shm_size",
    "stop_grace_period",
    "stop_signal",
    "volumes",
}
_INTERNAL = {"OTTO_STACK_STATE", "OTTO_STACK_SERVICE", "OTTO_CALLER", "OTTO_SETUP_LOG", "OTTO_PYTHON_RANGE"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))


def _example() -> set[str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^([A-Z_0-9]+)=", text, re.MULTILINE))


def test_every_service_of_the_stack_is_there_and_every_other_one_prepares_or_runs_the_pipeline(compose: dict) -> None:
    long_running = {name for name, service in compose["services"].items() if service["restart"] != "no"}
    # a container needs no wire: it has walls of its own
    assert long_running == set(BY_NAME) - set(WORKER_NODES)
    assert set(compose["services"]) - long_running == {f"prepare-{step}" for step in STEPS} | {"pipeline"}


def test_every_command_is_one_that_the_stack_knows(compose: dict) -> None:
    for name, service in compose["services"].items():
        verb = service["command"][3:]
        expected = ["run", name] if name in BY_NAME else name.split("-", 1)
        assert service["command"][:3] == ["python", "-m", "local"]
        assert verb == expected


def test_a_browser_is_where_its_queue_is_and_each_image_is_a_stage_that_is_not_root_and_has_an_init(
    compose: dict,
) -> None:
    stages = dict(re.findall(r"^FROM \S+ AS (\w+)\n(.*?)(?=^FROM|\Z)", _dockerfile(), re.MULTILINE | re.DOTALL))
    assert set(stages) == {"packages", "node", "worker"}
    assert "chromium" in stages["worker"]
    assert "chromium" not in stages["packages"] + stages["node"]
    assert '\nENTRYPOINT ["/usr/bin/tini", "--"]\n' in stages["node"]
    for stage in ("node", "worker"):
        assert re.findall(r"^USER (\w+)$", stages[stage], re.MULTILINE)[-1] == "otto"
    browsers = {f"{node}-browser" for node in WORKER_NODES}
    for name, service in compose["services"].items():
        stage = "worker" if name in browsers else "node"
        assert (service["build"], service["image"]) == ({"context": ".", "target": stage}, f"otto:{stage}"), name
        assert ("mem_limit" in service) == (name in browsers)
    # a worker that is told to end may finish what it is at
    assert {
        compose["services"][f"{node}-{queue}"]["stop_grace_period"] for node in WORKER_NODES for queue in QUEUES
    } == {"1h"}


def _dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_every_key_is_one_of_the_specification_and_every_volume_is_declared(compose: dict) -> None:
    assert {key for key in compose if not key.startswith("x-")} == {"services", "volumes"}
    for service in compose["services"].values():
        assert set(service) <= _SERVICE_KEYS
        assert all(volume.split(":")[0] in compose["volumes"] for volume in service["volumes"])


def test_who_is_waited_for_exists_and_can_satisfy_the_condition(compose: dict) -> None:
    services = compose["services"]
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert services[name]["healthcheck"]["test"][-2:] == ["healthy", name]
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
