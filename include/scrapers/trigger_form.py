"""The parameters of scrape_malls, as its trigger form shows them."""

from __future__ import annotations

from airflow.sdk import Param

from include import settings


def params() -> dict[str, Param]:
    """What a run may be asked for; every default is the daily run."""
    return {
        "malls": Param(
            [],
            type="array",
            items={"type": "string"},
            examples=list(settings.MALLS),
            title="Malls",
            description="Empty: all malls of the settings.",
        ),
        "categories": Param(
            [],
            type="array",
            items={"type": "string"},
            examples=list(settings.CATEGORIES),
            title="Categories",
            description="Empty: all categories that the malls' settings name.",
        ),
        "max_ranks": Param(100, type="integer", minimum=1, maximum=10_000, title="Places of each ranking"),
        "max_reviews": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            maximum=100_000,
            title="Reviews of each product",
            description="Rounded up to whole lists of the mall. Empty: all.",
        ),
        "run_date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Run date",
            description="Day in Seoul (YYYY-MM-DD). Empty: the day of the run. An earlier day is replayed from raw.",
        ),
        "accept_out_of_band": Param(
            False,
            type="boolean",
            title="Accept what is out of its band",
            description="A person has looked: counts that are not as usual count all the same, and are usual from now.",
        ),
    }
