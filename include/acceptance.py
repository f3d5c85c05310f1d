"""Whether a judged size model may be accepted. Pure: a verdict in, leave or a named refusal out."""

from __future__ import annotations

from collections.abc import Sequence

from include.retries import Lasting

# A person may decide these; a refused model is worse than the live one, and no parameter changes that.
OPEN_TO_A_PERSON = ("undecided", "needs_person")


class ModelNotAccepted(Lasting, RuntimeError):
    """The gate did not accept a size model; the message shows the verdict and its reasons."""


def require_leave(model_version: str, verdict: str, reasons: Sequence[str], *, go_live: bool) -> None:
    """Return if the model may be accepted. Raises ModelNotAccepted."""
    if verdict == "accepted" or (go_live and verdict in OPEN_TO_A_PERSON):
        return
    way_out = " Run the day again with go_live to accept it all the same." if verdict in OPEN_TO_A_PERSON else ""
    raise ModelNotAccepted(
        f"size model {model_version} is {verdict}: {'; '.join(reasons) or 'no reason given'}. "
        f"The live release stays as it is.{way_out}"
    )
