"""Who this node is, from its environment (/etc/otto/node.env, written at its first boot)."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class NodeSettings:
    """One node. Times are in seconds."""

    node: str  # its instance id
    role: str  # a name of infra.node.roles.ROLES
    bucket: str  # of the releases
    root: Path = Path("/opt/otto")
    prefix: str = "/otto/release"  # of the SSM parameter current
    python: str = sys.executable  # makes the environments
    health_seconds: float = 180  # within which all services must be healthy after a switch
    steady_seconds: float = 5  # for how long, without a restart, until they count as healthy

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> NodeSettings:
        """OTTO_NODE_ID, OTTO_NODE_ROLE and OTTO_RELEASE_BUCKET must be set. Raises KeyError, ValueError."""
        optional = {
            "root": ("OTTO_NODE_ROOT", Path),
            "prefix": ("OTTO_PARAMETER_PREFIX", str),
            "python": ("OTTO_NODE_PYTHON", str),
            "health_seconds": ("OTTO_NODE_HEALTH_SECONDS", float),
            "steady_seconds": ("OTTO_NODE_STEADY_SECONDS", float),
        }
        chosen = {name: kind(environ[key]) for name, (key, kind) in optional.items() if environ.get(key)}
        return cls(environ["OTTO_NODE_ID"], environ["OTTO_NODE_ROLE"], environ["OTTO_RELEASE_BUCKET"], **chosen)
