"""What the DAGs call: build the releases of some days, make them live oldest first, roll back, tidy up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from include import settings
from include.lake import Lake
from include.publish import pointer, retention
from include.publish import source as sources
from include.publish.build import build
from include.publish.lock import publishing
from include.publish.pointer import Outcome
from include.publish.source import NoAcceptedModel
from include.retries import Lasting
from include.settings import Mall

log = logging.getLogger(__name__)


class PublicationFailed(Lasting):
    """Some days could not be published; the message names each with its reason. The others went on."""


@dataclass(frozen=True)
class Published:
    """A release and whether it is live."""

    release_id: int
    run_date: date
    live: bool
    reason: str


def publish(
    connection: psycopg.Connection,
    lake: Lake,
    run_dates: Iterable[date],
    *,
    by: str,
    go_live: bool = False,
    malls: Mapping[str, Mall] | None = None,
) -> list[Published]:
    """All of publishing: build, go live, retire; for days in order, oldest first."""
    days = sorted(set(run_dates))
    releases = build_releases(connection, lake, days, by=by, go_live=go_live, malls=malls)
    outcomes = make_live(connection, releases, by=by, go_live=go_live)
    retention.retire(connection, by)
    day_of = dict(zip(releases, _days_of(connection, releases), strict=True))
    return [Published(each.release_id, day_of[each.release_id], each.live, each.reason) for each in outcomes]


def build_releases(
    connection: psycopg.Connection,
    lake: Lake,
    run_dates: Iterable[date],
    *,
    by: str,
    go_live: bool = False,
    malls: Mapping[str, Mall] | None = None,
) -> list[int]:
    """A ready release for each day that has an accepted model, oldest first; one that `by` has built already is kept.

    `by` names the run, so that a retry goes on where it stopped. Raises NoAcceptedModel if no day has a model, and
    PublicationFailed after all days have been tried.
    """
    known = settings.malls() if malls is None else malls
    days = sorted(set(run_dates))

    def one(day: date) -> int:
        found = _built_before(connection, day, sources.accepted_model(lake, day), by)
        return found or build(connection, sources.read(lake, day, known), by, go_live)

    with publishing(connection):
        retention.fail_abandoned(connection, by)
        retention.drop_orphans(connection)
        return _each_day(days, one)


def make_live(
    connection: psycopg.Connection, releases: Iterable[int], *, by: str, go_live: bool = False
) -> list[Outcome]:
    """Make ready releases live one after the other, in the order given."""
    outcomes = [pointer.make_live(connection, release_id, by, go_live) for release_id in releases]
    for outcome in outcomes:
        log.info("release %d: %s (%s)", outcome.release_id, "live" if outcome.live else "ready", outcome.reason)
    return outcomes


def run_name(context: Mapping[str, Any]) -> str:
    """Who publishes, as the diary names it: the DAG run, and the person who triggered it by hand."""
    run = context["dag_run"]
    person = getattr(run, "triggering_user_name", None)
    return f"{run.dag_id} {run.run_id}" + (f" ({person})" if person else "")


def _each_day(days: list[date], one: Callable[[date], int]) -> list[int]:
    releases, failures, without_model = [], [], []
    for day in days:
        try:
            releases.append(one(day))
        except NoAcceptedModel as error:
            log.warning("%s", error)
            without_model.append(error)
        except Lasting as error:  # anything else may pass: the whole step is tried again and goes on where it stopped
            log.warning("the release of %s failed: %s", day, error)
            failures.append((day, error))
    if failures:
        told = "; ".join(f"{day}: {type(error).__name__}: {error}" for day, error in failures)
        raise PublicationFailed(f"{told} (the live release is untouched)") from failures[0][1]
    if not releases and without_model:
        raise without_model[0]
    return releases


def _built_before(connection: psycopg.Connection, run_date: date, model_version: str, by: str) -> int | None:
    row = connection.execute(
        """
        SELECT max(release_id)
        FROM otto.release
        WHERE run_date = %s AND model_version = %s AND state = 'ready' AND metrics ->> 'publisher' = %s
        """,
        [run_date, model_version, by],
    ).fetchone()
    return row[0] if row else None


def _days_of(connection: psycopg.Connection, releases: list[int]) -> list[date]:
    rows = connection.execute(
        "SELECT release_id, run_date FROM otto.release WHERE release_id = ANY(%s)", [releases]
    ).fetchall()
    found: dict[int, date] = {release_id: day for release_id, day in rows}
    return [found[release_id] for release_id in releases]
