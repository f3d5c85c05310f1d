"""The closed vocabulary of DAG tags: one for how bad a failure is, one for the stage of the way of the data."""

from __future__ import annotations

from enum import StrEnum


class Impact(StrEnum):
    """What a failed run means for the people who read the sizes."""

    HIGH = "impact/high"  # tomorrow's release is missing
    MEDIUM = "impact/medium"  # somebody has to look today
    LOW = "impact/low"  # it can wait for the next run


class Stage(StrEnum):
    """Which stretch of the way a DAG is."""

    SCRAPE = "stage/scrape"
    LOAD = "stage/load"
    TRAIN = "stage/train"
    PUBLISH = "stage/publish"
    KEEP = "stage/keep"


def tags(impact: Impact, stage: Stage) -> list[str]:
    """The two tags of a DAG."""
    return [impact.value, stage.value]
