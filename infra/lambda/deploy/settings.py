"""Names and times of one installation, from the Lambda's environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What the Lambda works on and how long it waits. Times are in seconds."""

    bucket: str
    document: str = "otto-pull"  # the SSM document that starts the nodes' agent
    prefix: str = "/otto/release"  # of the SSM parameters current and proven
    health_seconds: float = 300  # within which every node must be healthy on the release
    back_seconds: float = 240  # within which every node must be healthy on the one before again
    lease_seconds: float = 60  # after which a killed deploy no longer holds up the next
    poll_seconds: float = 1

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """OTTO_RELEASE_BUCKET must be set; the rest has defaults. Raises KeyError, ValueError."""
        times = {
            name: float(environ[variable])
            for name in ("health_seconds", "back_seconds", "lease_seconds", "poll_seconds")
            if (variable := f"OTTO_DEPLOY_{name.upper()}") in environ
        }
        names = {
            name: environ[variable]
            for name, variable in (("document", "OTTO_DEPLOY_DOCUMENT"), ("prefix", "OTTO_PARAMETER_PREFIX"))
            if environ.get(variable)
        }
        return cls(bucket=environ["OTTO_RELEASE_BUCKET"], **names, **times)
