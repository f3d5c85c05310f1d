"""The gate's reports in the Airflow UI: one page a model, read from the lake for whoever may see train_size_model.

The task judge_model links here (include/report_link.py), so nobody needs a key of the bucket to read why a model was
refused.
"""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.core_api.security import requires_access_dag
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI, HTTPException, Path
from fastapi.responses import HTMLResponse

from include.lake import Lake, ObjectMissing, model_folder

# The page is one file with its pictures inside: it may load nothing, run nothing, and send nothing.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "no-store",
}
_Version = Annotated[str, Path(pattern=r"^[0-9]{8}-[0-9a-f]{12}$")]

# Airflow guards none of a plugin's pages by itself.
may_read = requires_access_dag("GET", param_dag_id="train_size_model")
app = FastAPI(title="Otto", docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/size_models/{model_version}/report", dependencies=[Depends(may_read)])
def show_report(model_version: _Version) -> HTMLResponse:
    """report.html of a model as the gate wrote it."""
    try:
        page = Lake.from_connection().get(model_folder(model_version) + "report.html")
    except ObjectMissing as error:
        raise HTTPException(404, f"the size model {model_version} has no report: {error}") from error
    return HTMLResponse(page, headers=_HEADERS)


class SizeModelReport(AirflowPlugin):
    """What Airflow loads."""

    name = "size_model_report"
    fastapi_apps = [{"app": app, "url_prefix": "/otto", "name": "Otto's reports"}]  # noqa: RUF012 (Airflow's own form)
