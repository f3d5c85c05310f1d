"""Why a mall failed in a run: each task that fails writes its reason down, the run's last task names them all."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from include.lake import Lake
from include.retries import Lasting
from include.scrapers.plan import Unit

log = logging.getLogger(__name__)

_LENGTH = 500
_SHOWN = 3


class MallsFailed(Lasting, RuntimeError):
    """Some malls of a run failed; the others count and are announced."""

    def __init__(self, lake: Lake, failed: Sequence[Unit], well: Sequence[str]) -> None:
        words = "; ".join(
            f"{unit.mall}: {' | '.join(reasons(lake, unit)[:_SHOWN]) or 'see its log'}" for unit in failed
        )
        others = f"{', '.join(well)} went on and count" if well else "no other mall went on"
        super().__init__(
            f"{words}. {others} for {failed[0].run_date}; earlier rows of a failed mall stay. Mend what is named, then "
            f"clear the failed tasks"
        )


def note(lake: Lake, unit: Unit, error: BaseException) -> None:
    """Write down why a task of a mall failed. It never fails itself: the first error is the one that matters."""
    text = f"{type(error).__name__}: {error}"[:_LENGTH]
    key = unit.state_key(f"{unit.run}-failed-{hashlib.sha256(text.encode()).hexdigest()[:8]}")
    try:
        lake.put_json(key, {"dag_run": unit.dag_run, "at": datetime.now(UTC).isoformat(), "error": text})
    except Exception:
        log.exception("the reason could not be written to %s", key)


def reasons(lake: Lake, unit: Unit) -> list[str]:
    """The different errors of a mall in a run, the first one first."""
    prefix = unit.state_key(f"{unit.run}-failed-").removesuffix(".json")
    notes = [lake.get_json(key) for key, _ in lake.list(prefix)]
    return [found["error"] for found in sorted(notes, key=lambda found: found["at"])]
