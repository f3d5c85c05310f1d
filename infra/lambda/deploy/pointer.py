"""The two SSM parameters: `current`, which release the nodes shall run, and `proven`, the last one that was healthy.

Where they differ, a deploy is under way or was killed. Each write of `current` has a version, by which a node's report
is known to answer it and not an earlier one.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from infra.release.manifest import Pin

NONE = "none"  # a parameter cannot be empty: before the first release that was healthy


class Pointer:
    """Reads and moves them."""

    def __init__(self, ssm: Any, prefix: str) -> None:
        self.ssm, self.prefix = ssm, prefix

    def current(self) -> Pin | None:
        """The release that the nodes shall run."""
        return self._get("current")

    def proven(self) -> Pin | None:
        """The release that every node was healthy on last: the way back."""
        return self._get("proven")

    def point(self, pin: Pin | None) -> int:
        """Point the nodes at a release; gives the version of this word."""
        return self._put("current", pin)

    def prove(self, pin: Pin) -> None:
        """Make a release the way back of later ones."""
        self._put("proven", pin)

    def _get(self, name: str) -> Pin | None:
        try:
            value = self.ssm.get_parameter(Name=f"{self.prefix}/{name}")["Parameter"]["Value"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise
        return None if value == NONE else Pin.parse(value)

    def _put(self, name: str, pin: Pin | None) -> int:
        value = str(pin) if pin else NONE
        answer = self.ssm.put_parameter(Name=f"{self.prefix}/{name}", Value=value, Type="String", Overwrite=True)
        return int(answer["Version"])
