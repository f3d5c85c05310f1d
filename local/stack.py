"""Where one embedded stack lives: its state folder, its ports and what its malls serve.

A stack is its state folder ($OTTO_STATE, by default .otto beside this package), so several stands can run side by side
on other ports. What `up` was told is written there, since `status`, `down` and restarted services must know it too.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

DEFAULT_PORTS = {
    "airflow": 8080,
    "web": 8000,
    "postgres": 5442,
    "s3": 9100,
    "redshift": 5439,
    "malls": 8095,
    "api": 8010,
    # of a cluster
    "broker": 6390,
    "glances": 61208,
}
# the API stands this far above the page unless told otherwise, so that a second stack need not know of it
_API_ABOVE_WEB = DEFAULT_PORTS["api"] - DEFAULT_PORTS["web"]

# a cluster's worker nodes, and the queues that each takes tasks of: how many at once; a browser takes half a gigabyte
WORKER_NODES = ("worker-1", "worker-2")
QUEUES = {"default": 4, "browser": 1}

# sun_path of a unix socket holds 108 bytes with its closing zero; supervisord binds "<path>.<its pid>" first
_SOCKET_PATH_LIMIT = 107 - len(".4194304")


class StackError(RuntimeError):
    """Something that the person at the terminal must change; the message says what and how."""


@dataclass(frozen=True)
class MallOptions:
    """What the replica malls serve; None leaves the replica's own default."""

    products: int | None = None
    reviews_per_product: int | None = None
    seed: int | None = None
    reviews: str | None = None  # absolute path of a review file that replaces the generated catalogue
    reviews_digest: str | None = None  # of that file's bytes: another content is another catalogue
    delay_ms: int | None = None

    def arguments(self) -> list[str]:
        """For the command line of local.malls."""
        named = {
            "--products": self.products,
            "--reviews-per-product": self.reviews_per_product,
            "--seed": self.seed,
            "--reviews": self.reviews,
            "--delay-ms": self.delay_ms,
        }
        return [text for name, value in named.items() if value is not None for text in (name, str(value))]


@dataclass
class Stack:
    """One state folder with what was last written into it."""

    state: Path
    ports: dict[str, int]
    malls: MallOptions = field(default_factory=MallOptions)
    stamps: dict[str, str] = field(default_factory=dict)  # finished preparations, by name
    cluster: bool = False  # a web node and worker nodes with Celery between them, instead of one node for all
    apart: bool = False  # the worker nodes have network namespaces of their own

    @property
    def record(self) -> Path:
        """What the stack was told."""
        return self.state / "stack.json"

    @property
    def logs(self) -> Path:
        """One log a service."""
        return self.state / "logs"

    @property
    def supervisor_config(self) -> Path:
        """The supervisor's configuration."""
        return self.state / "supervisord.conf"

    @property
    def airflow_home(self) -> Path:
        """Airflow's own folder: task logs, the password file."""
        return self.state / "airflow"

    @property
    def malls_file(self) -> Path:
        """The settings of the replica malls, which replace include/malls.toml."""
        return self.state / "malls.toml"

    @property
    def socket(self) -> Path:
        """The supervisor's socket; beside the state, or in a short folder where that path is too long for a socket."""
        near = self.state / "supervisor.sock"
        if len(os.fsencode(near)) <= _SOCKET_PATH_LIMIT:
            return near
        name = hashlib.sha256(os.fsencode(self.state)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"otto-{os.geteuid()}-{name}" / "s"

    def url(self, service: str) -> str:
        """The address of an HTTP service."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def dsn(self, database: str, user: str, password: str | None = None) -> str:
        """A libpq URI. The warehouse is reached through the gateway, the others directly."""
        port = self.ports["redshift" if database == "warehouse" else "postgres"]
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{port}/{database}"

    def save(self) -> None:
        """Write the record whole, readable by its owner only."""
        value = {"ports": self.ports, "malls": self.malls.__dict__, "stamps": self.stamps}
        value |= {"cluster": self.cluster, "apart": self.apart}
        write_private(self.record, json.dumps(value, indent=1))


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """$OTTO_STATE, or .otto beside the package."""
    return Path(environ.get("OTTO_STATE") or ROOT / ".otto").absolute()


def load(environ: Mapping[str, str] = os.environ) -> Stack:
    """The stack as it was last written; ports from the environment where it was never started."""
    state = state_folder(environ)
    try:
        known: dict[str, Any] = json.loads((state / "stack.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Stack(state, chosen_ports(environ))
    except (OSError, ValueError) as error:
        raise StackError(f"{state / 'stack.json'} cannot be read ({error}); `make clean` removes it") from error
    ports = known["ports"] if "api" in known["ports"] else known["ports"] | {"api": _beside_web(known["ports"])}
    shape = {name: known.get(name, False) for name in ("cluster", "apart")}
    return Stack(state, DEFAULT_PORTS | ports, MallOptions(**known["malls"]), known["stamps"], **shape)


def port_variable(name: str) -> str:
    """The environment variable that moves a port."""
    return f"OTTO_{name.upper()}_PORT"


def chosen_ports(environ: Mapping[str, str] = os.environ) -> dict[str, int]:
    """Every port: the environment's, else the default. Raises StackError for one that is none, or given twice."""
    ports: dict[str, int] = {}
    for name, default in DEFAULT_PORTS.items():
        fallback = _beside_web(ports) if name == "api" else default  # the last one: it knows the others
        text = environ.get(port_variable(name)) or str(fallback)
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise StackError(f"{port_variable(name)} is {text!r}; it must be a port from 1 to 65535")
        other = next((known for known, port in ports.items() if port == int(text)), None)
        if other:
            raise StackError(
                f"{port_variable(name)} and {port_variable(other)} both say {text}; give each its own port"
            )
        ports[name] = int(text)
    return ports


def _beside_web(ports: Mapping[str, int]) -> int:
    above = range(ports["web"] + _API_ABOVE_WEB, 65536)
    return next(port for port in (*above, DEFAULT_PORTS["api"]) if port not in ports.values())


def write_private(path: Path, text: str) -> None:
    """Replace a file whole; only its owner can read it, at no moment anybody else."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
        sink.write(text)
    fresh.replace(path)
