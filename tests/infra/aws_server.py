"""An AWS on loopback for the tests of delivery: ministack, with SSM agents that answer for instances.

ministack counts an instance as managed by SSM when it runs it in Docker. Here the nodes are processes of the test: an
instance answers while it is running and has the tag `agent`. Run Command's commands are then found by ListCommands,
which `tests.infra.node` polls as a node's SSM agent does.
"""

from __future__ import annotations


def main() -> None:
    """Serve until stopped; the environment of local.s3 says where."""
    from ministack import app as ministack
    from ministack.services import ec2

    def managed(instance_id: str) -> bool:
        instance = ec2._instances.get(instance_id) or {}
        tags = {tag["Key"] for tag in ec2._tags.get(instance_id, [])}
        return (instance.get("State") or {}).get("Name") == "running" and "agent" in tags

    ec2.instance_is_managed = managed
    ministack.main()


if __name__ == "__main__":
    main()
