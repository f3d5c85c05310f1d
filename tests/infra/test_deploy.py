"""The Lambda's work, on an AWS API over HTTP: what it refuses, what it takes back, that it survives any death."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from infra.release.build import Release
from infra.release.manifest import InvalidRelease, archive_key, manifest_key
from tests.infra.cloud import AnsweringNodes, Cloud

pytestmark = pytest.mark.slow


def healthy(node: str, release: str) -> dict[str, str]:
    return {"state": "healthy"}


def deploy(cloud: Cloud, pin: object, **times: float) -> dict[str, Any]:
    return cloud.run(**times).report({"action": "deploy", "release": str(pin)})


@pytest.fixture
def proven(cloud: Cloud, two_releases: tuple[Release, Release]) -> str:
    """The older release, healthy on two nodes; the newer one lies in the bucket."""
    cloud.start_node("airflow")
    cloud.start_node("worker")
    older, _ = (cloud.publish(release) for release in two_releases)
    for name in ("current", "proven"):
        cloud.point(older, name)
    return str(older)


@pytest.fixture
def newer(two_releases: tuple[Release, Release]) -> str:
    return str(two_releases[1].pin)


def test_a_release_that_every_node_is_healthy_on_stays_and_is_audited(cloud: Cloud, proven: str, newer: str) -> None:
    with AnsweringNodes(cloud, healthy):
        report = deploy(cloud, newer)
    assert (report["outcome"], report["release"], report["previous"]) == ("healthy", newer, proven)
    assert {node: known["state"] for node, known in report["nodes"].items()} == dict.fromkeys(cloud.nodes, "healthy")
    assert cloud.parameter("current") == cloud.parameter("proven") == newer
    audits = [cloud.json(key) for key in cloud.keys("deploys/audit/")]
    assert report in audits
    assert {audit["outcome"] for audit in audits} == {"healthy"}


def test_a_node_that_fails_takes_the_release_back_everywhere_and_its_cause_is_told(
    cloud: Cloud, proven: str, newer: str
) -> None:
    broken = cloud.nodes[1]

    def one_fails(node: str, release: str) -> dict[str, str]:
        fails = node == broken and release == newer
        return (
            {"state": "failed", "cause": "DagsBroken: greet.py: no module named x"} if fails else {"state": "healthy"}
        )

    with AnsweringNodes(cloud, one_fails):
        report = deploy(cloud, newer)
    assert report["outcome"] == "taken_back"
    assert report["cause"] == f"{broken}: DagsBroken: greet.py: no module named x"
    assert set(report["nodes_after"]) == set(cloud.nodes)
    assert cloud.parameter("current") == cloud.parameter("proven") == proven


def test_a_node_that_says_nothing_takes_the_release_back_in_time(cloud: Cloud, proven: str, newer: str) -> None:
    silent = cloud.nodes[0]
    with AnsweringNodes(cloud, lambda node, _: None if node == silent else {"state": "healthy"}):
        report = deploy(cloud, newer, health_seconds=1, back_seconds=0.5)
    assert report["outcome"] == "taken_back"
    assert report["cause"] == f"{silent}: not healthy within 1 s"
    assert report["seconds"] < 5
    assert cloud.parameter("current") == proven


def test_a_report_on_an_earlier_word_does_not_count(cloud: Cloud, proven: str, newer: str) -> None:
    with AnsweringNodes(cloud, healthy):
        assert deploy(cloud, newer)["outcome"] == "healthy"
    # nobody answers any more; what lies in the bucket says that this very release was healthy once
    assert deploy(cloud, newer, health_seconds=0.5, back_seconds=0.2)["outcome"] == "taken_back"


def test_the_first_release_of_all_when_it_fails_leaves_the_nodes_without_one(
    cloud: Cloud, two_releases: tuple[Release, Release]
) -> None:
    cloud.start_node()
    pin = cloud.publish(two_releases[0])
    with AnsweringNodes(cloud, lambda *_: {"state": "failed", "cause": "x"}):
        report = deploy(cloud, pin)
    assert report["outcome"] == "taken_back"
    assert "no earlier release" in report["notes"][0]
    assert (cloud.parameter("current"), cloud.parameter("proven")) == ("none", None)


UNKNOWN = [
    ({}, "is none of deploy, roll_back and watch"),
    ({"action": "destroy"}, "is none of deploy, roll_back and watch"),
    ({"action": "deploy"}, "is no release"),
    ({"action": "deploy", "release": "../../etc@sha256:0"}, "is no release"),
    ({"action": "deploy", "release": f"{'0' * 40}@sha256:{'0' * 64}"}, "is not there"),
    ({"action": "roll_back", "commit": "0" * 40}, "was never healthy"),
    ({"action": "roll_back", "commit": "../accepted"}, "is no release"),
]


def test_what_is_unknown_is_refused_and_nothing_moves(cloud: Cloud, proven: str) -> None:
    for event, cause in UNKNOWN:
        report = cloud.run().report(event)
        assert report["outcome"] == "refused"
        assert cause in report["cause"]
        assert cloud.parameter("current") == proven


def test_a_tampered_release_is_refused_and_nothing_moves(
    cloud: Cloud, proven: str, two_releases: tuple[Release, Release]
) -> None:
    release, s3 = two_releases[1], cloud.client("s3")
    commit, content = release.pin.commit, release.archive.read_bytes()
    for key, bad, cause in (
        (archive_key(commit), content.replace(b"good morning", b"good evening"), "has the sum"),
        (archive_key(commit), content[:-512], "bytes, the manifest says"),
        (manifest_key(commit), release.manifest.read_bytes() + b" ", "not the expected"),
    ):
        s3.put_object(Bucket=cloud.bucket, Key=key, Body=bad)
        report = deploy(cloud, release.pin)
        assert (report["outcome"], cloud.parameter("current")) == ("refused", proven)
        assert cause in report["cause"]
        s3.put_object(Bucket=cloud.bucket, Key=archive_key(commit), Body=content)
    s3.delete_object(Bucket=cloud.bucket, Key=archive_key(commit))
    s3.put_object(Bucket=cloud.bucket, Key=manifest_key(commit), Body=release.manifest.read_bytes())
    assert "is not there" in deploy(cloud, release.pin)["cause"]


def test_going_back_by_name_is_for_releases_that_were_healthy(cloud: Cloud, proven: str, newer: str) -> None:
    refused = cloud.run().report({"action": "roll_back", "commit": newer[:40]})
    assert refused["outcome"] == "refused"
    with AnsweringNodes(cloud, healthy):
        for pin in (proven, newer):
            assert deploy(cloud, pin)["outcome"] == "healthy"
        report = cloud.run().report({"action": "roll_back", "commit": proven[:40]})
    assert (report["outcome"], report["release"], report["previous"]) == ("healthy", proven, newer)
    assert cloud.parameter("current") == cloud.parameter("proven") == proven


def test_a_node_that_is_off_or_unheard_of_holds_up_nobody_and_is_named(cloud: Cloud, proven: str, newer: str) -> None:
    unheard = cloud.start_node("worker", agent=False)
    off = cloud.start_node("worker")
    cloud.client("ec2").stop_instances(InstanceIds=[off])
    with AnsweringNodes(cloud, healthy):
        report = deploy(cloud, newer)
    assert report["outcome"] == "healthy"
    assert report["notes"] == [f"away, will catch up by themselves: {unheard}"]


def test_without_a_node_that_answers_nothing_moves(cloud: Cloud, proven: str, newer: str) -> None:
    cloud.start_node("site", agent=False)
    report = deploy(cloud, newer)
    assert (report["outcome"], report["cause"]) == ("refused", "no node of role site answers to SSM")
    assert cloud.parameter("current") == proven
    cloud.stop_all()
    assert "is running" in deploy(cloud, newer)["cause"]


def test_two_deploys_at_once_one_waits_and_both_end_well(cloud: Cloud, proven: str, newer: str) -> None:
    reports: dict[str, dict[str, Any]] = {}

    def run(pin: str) -> None:
        reports[pin] = deploy(cloud, pin, lease_seconds=5)

    with AnsweringNodes(cloud, healthy):
        threads = [Thread(target=run, args=(pin,)) for pin in (newer, proven)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert {report["outcome"] for report in reports.values()} == {"healthy"}
    # each began with what the other had ended with: they were one after the other
    assert {report["previous"] for report in reports.values()} == {proven, newer} or (
        reports[proven]["previous"] == proven and reports[newer]["previous"] == proven
    )
    assert cloud.parameter("current") == cloud.parameter("proven")


def test_a_deploy_during_a_long_one_is_refused_with_who_is_at_work(cloud: Cloud, proven: str, newer: str) -> None:
    holder = cloud.run(lease_seconds=60)
    holder.lease.take(0)
    other = cloud.run()
    other.lease.seconds, other.settings = 60, cloud.run(lease_seconds=-9.5).settings  # does not wait ten seconds
    report = other.report({"action": "deploy", "release": newer})
    assert report["outcome"] == "busy"
    assert holder.request_id in report["cause"]
    assert cloud.parameter("current") == proven
    # the same invocation, repeated by AWS, goes on with its own lease
    again = cloud.run(lease_seconds=60)
    again.lease.owner = holder.request_id
    again.lease.take(0)


def test_who_was_taken_for_dead_stops_where_it_is(cloud: Cloud, proven: str, newer: str) -> None:
    slow = cloud.run(lease_seconds=0.1)
    slow.lease.take(0)
    slow.lease._until = 0.0  # it has slept through its term
    other = cloud.run()
    other.lease.take(5, 0.02)
    with pytest.raises(Exception, match="another deploy has taken over"):
        slow.deployment.run(slow._wanted({"action": "deploy", "release": newer}))
    assert cloud.parameter("current") == proven


class Killed(BaseException):
    """The process is gone: nothing of it runs any more, no clean-up either."""


def killed_at(cloud: Cloud, pin: str, number: int) -> str | None:
    """Deploy in a run that ends before its call of that number: after the one before, as far as AWS can see.

    Gives the call's name; None where the run came to its own end before.
    """
    calls: list[str] = []

    def count(model: Any = None, **_: Any) -> None:
        calls.append(model.name)
        if len(calls) == number:
            raise Killed

    with cloud.hooked(count, "before-call.*") as clients:
        try:
            cloud.run(clients, lease_seconds=0.15).report({"action": "deploy", "release": pin})
        except Killed:
            return calls[-1]
    return None


def test_killed_at_any_call_the_next_invocation_brings_it_to_its_end(cloud: Cloud, proven: str, newer: str) -> None:
    """Not only the next deploy: the watch alone, too, leaves pointer and proven release the same."""
    with AnsweringNodes(cloud, healthy):
        number, states = 0, set()
        while call := killed_at(cloud, newer, number := number + 1):
            states.add((cloud.parameter("current") == newer, cloud.parameter("proven") == newer))
            if number % 2:
                watched = cloud.run().report({"action": "watch"})
                assert watched["outcome"] in ("settled", "healthy"), (call, watched)
                assert cloud.parameter("current") == cloud.parameter("proven")
            assert deploy(cloud, newer)["outcome"] == "healthy", call
            assert cloud.parameter("current") == cloud.parameter("proven") == newer
            cloud.point(proven)
            cloud.point(proven, "proven")
    assert number > 12
    # it was killed before it moved anything, between the two parameters, and after both
    assert states == {(False, False), (True, False), (True, True)}


def test_killed_while_a_broken_release_is_taken_back_the_watch_ends_it(cloud: Cloud, proven: str, newer: str) -> None:
    def broken(node: str, release: str) -> dict[str, str]:
        return {"state": "failed", "cause": "broken"} if release == newer else {"state": "healthy"}

    with AnsweringNodes(cloud, broken):
        for number in range(8, 60, 2):
            if not killed_at(cloud, newer, number):
                break
            watched = cloud.run().report({"action": "watch"})
            assert watched["outcome"] in ("settled", "taken_back")
            assert cloud.parameter("current") == cloud.parameter("proven") == proven
        else:
            pytest.fail("never ran to its end")


@contextlib.contextmanager
def away(cloud: Cloud, service: str, after: int = 0) -> Iterator[dict[str, Any]]:
    """Clients of which one service stops answering after so many calls."""
    calls: list[int] = []

    def refuse(**_: Any) -> None:
        calls.append(1)
        if len(calls) > after:
            raise EndpointConnectionError(endpoint_url="http://somewhere")

    with cloud.hooked(refuse, f"before-call.{service}") as clients:
        yield clients


@pytest.mark.parametrize(("service", "after"), [("s3", 0), ("s3", 4), ("ssm", 0), ("ssm", 2), ("ec2", 0)])
def test_aws_away_at_the_start_is_told_and_nothing_moves(
    cloud: Cloud, proven: str, newer: str, service: str, after: int
) -> None:
    with away(cloud, service, after) as clients:
        report = cloud.run(clients).report({"action": "deploy", "release": newer})
    assert report["outcome"] == "failed"
    assert "AWS does not answer" in report["cause"]
    assert cloud.parameter("current") == proven
    with AnsweringNodes(cloud, healthy):
        assert deploy(cloud, newer)["outcome"] == "healthy"


def test_s3_away_while_waiting_ends_on_the_release_before(cloud: Cloud, proven: str, newer: str) -> None:
    with away(cloud, "s3", 6) as clients:
        run = cloud.run(clients, health_seconds=0.5, back_seconds=0.2, lease_seconds=60)
        report = run.report({"action": "deploy", "release": newer})
    assert report["outcome"] == "taken_back"
    assert any("somewhere" in note for note in report["notes"])
    assert cloud.parameter("current") == proven


def test_ssm_away_after_the_switch_is_settled_by_the_watch(cloud: Cloud, proven: str, newer: str) -> None:
    # proven, instances, the switch itself; then neither the command nor the way back
    with away(cloud, "ssm", 3) as clients:
        report = cloud.run(clients, health_seconds=0.3).report({"action": "deploy", "release": newer})
    assert report["outcome"] == "failed"
    assert "the watch finishes" in report["cause"]
    assert (cloud.parameter("current"), cloud.parameter("proven")) == (newer, proven)
    with AnsweringNodes(cloud, healthy):
        assert cloud.run().report({"action": "watch"})["outcome"] == "healthy"
    assert cloud.parameter("proven") == newer


def test_the_watch_takes_back_what_was_pointed_at_and_is_no_release_any_more(
    cloud: Cloud, proven: str, newer: str
) -> None:
    cloud.point(newer)
    cloud.client("s3").delete_object(Bucket=cloud.bucket, Key=manifest_key(newer[:40]))
    with AnsweringNodes(cloud, healthy):
        report = cloud.run().report({"action": "watch"})
    assert (report["outcome"], cloud.parameter("current")) == ("taken_back", proven)


def test_the_lambda_s_end_is_near_and_it_still_takes_back(cloud: Cloud, proven: str, newer: str) -> None:
    report = cloud.run(remaining=31, health_seconds=60, back_seconds=60).report({"action": "deploy", "release": newer})
    assert report["outcome"] == "taken_back"
    assert report["seconds"] < 10


def test_a_release_is_uploaded_once_and_never_replaced(cloud: Cloud, two_releases: tuple[Release, Release]) -> None:
    cloud.publish(two_releases[0])
    cloud.publish(two_releases[0])
    other = replace(two_releases[1], pin=two_releases[0].pin)
    with pytest.raises(InvalidRelease, match="never replaced"):
        cloud.publish(other)
