"""The nodes: which there are, how they are told to pull, and what they report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

ROLE_TAG = "otto:role"


class NoNodes(Exception):
    """There is nothing to deploy to, or a role without a node that answers."""


@dataclass(frozen=True)
class Nodes:
    """The nodes of one moment: those that can be told, and those that cannot and will catch up by themselves."""

    online: tuple[str, ...]
    away: tuple[str, ...]


class Fleet:
    """The EC2 instances with the tag otto:role."""

    def __init__(self, ec2: Any, ssm: Any, s3: Any, bucket: str, document: str) -> None:
        self.ec2, self.ssm, self.s3, self.bucket, self.document = ec2, ssm, s3, bucket, document

    def nodes(self) -> Nodes:
        """Who is there. Raises NoNodes where a role has running nodes and none of them answers."""
        roles = self._running()
        online = self._online()
        silent = {role for role in roles.values()} - {role for node, role in roles.items() if node in online}
        if not roles or silent:
            raise NoNodes(
                f"no node of role {', '.join(sorted(silent))} answers to SSM"
                if silent
                else f"no instance with the tag {ROLE_TAG} is running"
            )
        return Nodes(
            tuple(sorted(node for node in roles if node in online)),
            tuple(sorted(node for node in roles if node not in online)),
        )

    def tell(self, nodes: tuple[str, ...], why: str) -> None:
        """Have the nodes look at the pointer now; they do it by themselves within minutes, too."""
        for first in range(0, len(nodes), 50):  # a command takes fifty instances
            batch = list(nodes[first : first + 50])
            self.ssm.send_command(InstanceIds=batch, DocumentName=self.document, Comment=why[:100], TimeoutSeconds=60)

    def report(self, node: str) -> dict[str, Any] | None:
        """What the node said last; None when it never spoke, or not in our words."""
        try:
            body = self.s3.get_object(Bucket=self.bucket, Key=report_key(node))["Body"].read()
            value = json.loads(body)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    def _running(self) -> dict[str, str]:
        filters = [
            {"Name": "tag-key", "Values": [ROLE_TAG]},
            {"Name": "instance-state-name", "Values": ["running"]},
        ]
        pages = self.ec2.get_paginator("describe_instances").paginate(Filters=filters)
        return {
            instance["InstanceId"]: next(tag["Value"] for tag in instance["Tags"] if tag["Key"] == ROLE_TAG)
            for page in pages
            for reservation in page["Reservations"]
            for instance in reservation["Instances"]
        }

    def _online(self) -> set[str]:
        pages = self.ssm.get_paginator("describe_instance_information").paginate()
        return {
            known["InstanceId"]
            for page in pages
            for known in page["InstanceInformationList"]
            if known["PingStatus"] == "Online"
        }


def report_key(node: str) -> str:
    """Where a node's report lies in the bucket of the releases."""
    return f"nodes/{node}.json"
