"""The link from the task that judged a model to the gate's report, a page of plugins/size_model_report.py."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperatorLink

REPORT_PATH = "/otto/size_models/{model_version}/report"


class ReportLink(BaseOperatorLink):
    """Shown on a task whose return value names its report by `report`; no link before the task has ended."""

    name = "Report of the gate"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The report's address in this Airflow UI; asked when the task ends."""
        judged = ti_key.xcom_pull(task_ids=ti_key.task_id, map_indexes=ti_key.map_index)
        return str(judged["report"]) if judged else ""


def report_path(model_version: str) -> str:
    """Where the Airflow UI serves the report of a model."""
    return REPORT_PATH.format(model_version=model_version)
