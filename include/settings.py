"""Every connection id, bucket, schedule and mall setting, once.

Values come from the environment (OTTO_*) and from a malls file, so that a laptop, compose and AWS run the same code.
`include/malls.toml` names the live sites; `OTTO_MALLS_FILE` may name another file that replaces it (the embedded stack
writes one for its replica malls).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from include.retries import Lasting

AWS_CONN_ID = "aws_default"
REDSHIFT_CONN_ID = "redshift_default"
RDS_CONN_ID = "rds_default"
# Its extra holds role_arn and nothing else: with a region the provider's operator would write REGION into COPY, which
# Redshift refuses for Parquet.
COPY_CONN_ID = "redshift_copy"

SEOUL = "Asia/Seoul"

# The queue of the tasks that open a browser: workers that have one take it. All other tasks go to the default queue.
BROWSER_QUEUE = "browser"

# The malls that Otto can read: each has a group of tasks in scrape_malls and a pool mall_<name>. The malls file tells
# how each is reached; one that it leaves out is not scraped.
MALLS = ("musinsa", "29cm", "zigzag")

CATEGORIES = ("tops", "bottoms", "outer", "dress", "skirt", "shoes", "bag", "accessory", "other")

_DEFAULT_MALLS_FILE = Path(__file__).with_name("malls.toml")


class SettingsError(Lasting, ValueError):
    """A setting is missing or does not make sense; the message names it and its source."""


@dataclass(frozen=True)
class Permission:
    """Written leave of a mall to read hosts that its robots.txt closes (design: manners and law)."""

    host: str  # exact, or a pattern such as *.musinsa.localhost
    granted_by: str
    granted_on: date
    valid_until: date
    scope: str

    def covers(self, host: str, on: date) -> bool:
        """Whether this permission names `host` (without port) and is valid on the day `on`."""
        return self.granted_on <= on <= self.valid_until and fnmatchcase(host.lower(), self.host.lower())


@dataclass(frozen=True)
class Mall:
    """How one mall is reached and how politely."""

    name: str
    origins: Mapping[str, str]  # role (www, api, goods, ...) -> scheme://host[:port]
    categories: Mapping[str, str]  # the mall's category code -> Otto's category
    pages_per_second: float  # for each host
    image_hosts: tuple[str, ...]  # hosts whose images a page of ours may show
    page_hosts: tuple[str, ...]  # hosts a product link of ours may point at
    permissions: tuple[Permission, ...]
    user_agent: str
    needs_permission: bool = False  # its terms forbid robots without consent, whatever its robots.txt says

    def permits(self, host: str, on: date) -> bool:
        """Whether a recorded permission covers `host` on the day `on`."""
        return any(permission.covers(host, on) for permission in self.permissions)


def malls() -> dict[str, Mall]:
    """All malls of the settings file, by name. Raises SettingsError where the file is absent or wrong."""
    path = Path(os.environ.get("OTTO_MALLS_FILE") or _DEFAULT_MALLS_FILE)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"the malls file {path} cannot be read ({error}); OTTO_MALLS_FILE names it") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the malls file {path} is not TOML: {error}") from error
    try:
        return {name: _mall(name, table) for name, table in document.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"the malls file {path} is incomplete: {error!r}") from error


def mall(name: str) -> Mall:
    """One mall. Raises SettingsError that lists the known names."""
    known = malls()
    if name not in known:
        raise SettingsError(f"unknown mall {name!r}; known malls are {', '.join(sorted(known))}")
    return known[name]


def _mall(name: str, table: Mapping) -> Mall:
    unknown = set(table["categories"].values()) - set(CATEGORIES)
    if unknown:
        raise ValueError(f"{name} maps to unknown categories {sorted(unknown)}")
    return Mall(
        name=name,
        origins=dict(table["origins"]),
        categories=dict(table["categories"]),
        pages_per_second=float(table["pages_per_second"]),
        image_hosts=tuple(table["image_hosts"]),
        page_hosts=tuple(table["page_hosts"]),
        permissions=tuple(Permission(**record) for record in table.get("permissions", ())),
        user_agent=table["user_agent"],
        needs_permission=bool(table.get("needs_permission", False)),
    )


def bucket() -> str:
    """The lake's bucket."""
    return os.environ.get("OTTO_LAKE_BUCKET", "otto-lake")


def schedule() -> str | None:
    """Cron line of scrape_malls in Asia/Seoul (the others follow by Assets); None where runs are triggered by hand."""
    return os.environ.get("OTTO_SCHEDULE") or None


def raw_days() -> int:
    """For how many days raw pages are kept."""
    return int(os.environ.get("OTTO_RAW_DAYS", "30"))


def review_days() -> int:
    """At most every so many days all reviews of a product are read, where a mall does not list the newest first."""
    return int(os.environ.get("OTTO_REVIEW_DAYS", "7"))


def sample_days() -> int:
    """For how many days the samples of a day are kept in the warehouse; the newest day always stays."""
    return int(os.environ.get("OTTO_SAMPLE_DAYS", "30"))


def chrome() -> str | None:
    """The browser to use where it is not the system's Chromium."""
    return os.environ.get("OTTO_CHROME") or None


def chromedriver() -> str | None:
    """The driver that belongs to `chrome()`."""
    return os.environ.get("OTTO_CHROMEDRIVER") or None


def browser_url() -> str | None:
    """The Selenium Grid whose browsers are used; None where each worker starts its own. Raises SettingsError."""
    address = os.environ.get("OTTO_BROWSER_URL", "").rstrip("/")
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError("OTTO_BROWSER_URL must be the address of a Selenium Grid, such as http://127.0.0.1:4444")
    if parts.username is not None:
        raise SettingsError(
            "OTTO_BROWSER_URL holds a user name, which cannot be sent with the websocket that all answers come by; "
            "put the Grid where only the workers reach it instead"
        )
    return address
