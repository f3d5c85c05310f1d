"""From a commit to running nodes: the Lambda invoked over HTTP, three nodes that are real processes, real services.

How long it takes is measured by `python -m bench delivery`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from infra.release.manifest import Pin, archive_key, manifest_key
from local.stack import ROOT
from tests import servers
from tests.infra.fleet import FUNCTION, Fleet, running_fleet
from tests.infra.releases import SERVER

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fleet(aws_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Three healthy nodes on the first release."""
    with running_fleet(aws_endpoint, tmp_path_factory.mktemp("fleet")) as running:
        yield running


def test_a_new_release_is_healthy_on_three_nodes_and_running_tasks_survive(fleet: Fleet) -> None:
    pin = fleet.publish(**{"include/words.py": 'GREETING = "good morning"\n'})
    tasks = [fleet.tasks(node) / "long.task" for node in fleet.running]
    for task in tasks:
        task.touch()
        servers.wait_until(task.with_suffix(".running").exists, "the task runs")
    report = fleet.deploy(pin)
    assert report["outcome"] == "healthy", report
    assert fleet.current() == {pin.folder}
    assert {node: known["restarted"] for node, known in report["nodes"].items()} == dict.fromkeys(
        fleet.running, ["worker-default"]
    )
    for task in tasks:
        assert task.with_suffix(".running").exists()
        task.with_suffix(".go").touch()
        servers.wait_until(task.with_suffix(".done").exists, "the task ends well after the deploy")


def test_the_same_release_again_restarts_nothing(fleet: Fleet) -> None:
    pin = Pin.parse(fleet.cloud.parameter("current") or "")
    before = fleet.lives()
    report = fleet.deploy(pin)
    assert report["outcome"] == "healthy"
    assert [known["restarted"] for known in report["nodes"].values()] == [[], [], []]
    assert fleet.lives() == before


BROKEN: dict[str, tuple[dict[str, str], int, str]] = {
    "a DAG that does not import": (
        {"dags/broken.py": "import no_such_module\n"},
        1,
        "broken.py: ModuleNotFoundError: No module named 'no_such_module'",
    ),
    "a service that does not start": (
        {"dags/broken.py": "", "web/server.py": "raise SystemExit('no configuration')\n"},
        0,
        "no configuration",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_release_is_taken_back_and_the_report_names_the_cause(fleet: Fleet, what: str) -> None:
    files, imports, cause = BROKEN[what]
    before = fleet.current()
    report = fleet.deploy(fleet.publish(**files), imports)
    assert report["outcome"] == "taken_back", report
    assert cause in report["cause"]
    assert fleet.current() == before
    assert {known["state"] for known in report["nodes_after"].values()} == {"healthy"}
    assert fleet.cloud.parameter("current") == fleet.cloud.parameter("proven") == report["previous"]
    fleet.lives()  # the web services answer


def _cut(fleet: Fleet, pin: Pin) -> None:
    fleet.cloud.client("s3").delete_object(Bucket=fleet.cloud.bucket, Key=archive_key(pin.commit))


def _bend(fleet: Fleet, pin: Pin) -> None:
    s3, key = fleet.cloud.client("s3"), manifest_key(pin.commit)
    text = s3.get_object(Bucket=fleet.cloud.bucket, Key=key)["Body"].read()
    s3.put_object(Bucket=fleet.cloud.bucket, Key=key, Body=text.replace(b'"size"', b'"size" ', 1))


@pytest.mark.parametrize(("damage", "cause"), [(_cut, "is not there"), (_bend, "not the expected")])
def test_a_missing_file_or_a_wrong_sum_never_reaches_a_node(
    fleet: Fleet, damage: Callable[[Fleet, Pin], None], cause: str
) -> None:
    before, lives = fleet.current(), fleet.lives()
    pin = fleet.publish()
    damage(fleet, pin)
    report = fleet.deploy(pin)
    assert report["outcome"] == "refused"
    assert cause in report["cause"]
    assert (fleet.current(), fleet.lives()) == (before, lives)


def test_a_node_that_was_off_during_a_deploy_catches_up_when_it_boots(fleet: Fleet) -> None:
    node = fleet.cloud.nodes[-1]
    fleet.cloud.client("ec2").stop_instances(InstanceIds=[node])
    fleet.shut_down(node)
    pin = fleet.publish(**{"dags/broken.py": "", "web/server.py": SERVER + "# another\n"})
    report = fleet.deploy(pin)
    assert (report["outcome"], set(report["nodes"])) == ("healthy", set(fleet.running))
    fleet.cloud.client("ec2").start_instances(InstanceIds=[node])
    fleet.boot(node)
    servers.wait_until(lambda: fleet.cloud.report(node).get("release") == str(pin), "it has caught up", 30)
    assert fleet.current() == {pin.folder}


def test_an_agent_that_is_gone_takes_the_release_back_and_the_next_deploy_completes(fleet: Fleet) -> None:
    """SSM says that the node is there, but it never answers: the others do not stay on what it could not prove."""
    before, node = fleet.current(), fleet.cloud.nodes[0]
    fleet.running.pop(node).close()  # its services go on
    pin = fleet.publish(**{"include/words.py": 'GREETING = "good evening"\n'})
    _be_patient(fleet, health="5", back="2")
    report = fleet.deploy(pin)
    assert report["outcome"] == "taken_back"
    assert f"{node}: not healthy within 5 s" in report["cause"]
    fleet.boot(node)
    assert fleet.current() == before
    _be_patient(fleet, health="120", back="60")
    assert fleet.deploy(pin)["outcome"] == "healthy"
    assert fleet.current() == {pin.folder}


def _be_patient(fleet: Fleet, health: str, back: str) -> None:
    client = fleet.cloud.client("lambda")
    known = client.get_function_configuration(FunctionName=FUNCTION)["Environment"]["Variables"]
    times = {"OTTO_DEPLOY_HEALTH_SECONDS": health, "OTTO_DEPLOY_BACK_SECONDS": back}
    client.update_function_configuration(FunctionName=FUNCTION, Environment={"Variables": known | times})


def test_what_the_workflow_runs_uploads_the_release_and_fails_with_the_lambda_s_report(fleet: Fleet) -> None:
    def make(*arguments: str) -> subprocess.CompletedProcess[str]:
        environ = os.environ | fleet.cloud.env | {"OTTO_DEPLOY_FUNCTION": FUNCTION, "AWS_REGION": "us-east-1"}
        command = ["make", "-s", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)

    done = make("upload-release")
    assert done.returncode == 0, done.stderr
    pin = Pin.parse(done.stdout.strip().splitlines()[-1])
    assert {archive_key(pin.commit), manifest_key(pin.commit)} <= set(fleet.cloud.keys(f"releases/{pin.commit}/"))
    refused = make("deploy", f"ROLL_BACK_TO={'0' * 40}")
    assert refused.returncode != 0
    report = json.loads(refused.stdout)
    assert (report["outcome"], report["action"]) == ("refused", "roll_back")
    assert "was never healthy" in report["cause"]
