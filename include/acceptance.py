"""Whether a judged size model may be accepted. Pure: a verdict in, leave or a named refusal out."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from include.retries import Lasting

log = logging.getLogger(__name__)

# Undecided: too few reviews to compare the models; the hard checks (breaks, calibration, coverage, drift) passed.
PASSING = ("accepted", "undecided")
# A person may decide this one; a refused model is worse than the live one, and no parameter changes that.
OPEN_TO_A_PERSON = ("needs_person",)


class ModelNotAccepted(Lasting, RuntimeError):
    """The gate did not accept a size model; the message shows the verdict and its reasons."""


def require_leave(model_version: str, verdict: str, reasons: Sequence[str], *, go_live: bool) -> None:
    """Return if the model may be accepted. Raises ModelNotAccepted."""
    if verdict in PASSING or (go_live and verdict in OPEN_TO_A_PERSON):
        if verdict != "accepted":
            log.warning("size model %s is %s: %s", model_version, verdict, "; ".join(reasons))
        return
    way_out = " Run the day again with go_live to accept it all the same." if verdict in OPEN_TO_A_PERSON else ""
    raise ModelNotAccepted(
        f"size model {model_version} is {verdict}: {'; '.join(reasons) or 'no reason given'}. "
        f"The live release stays as it is.{way_out}"
    )
