"""Airflow's REST API (v2), as far as the demo and the tests need it: pools, runs, tasks, logs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import httpx


class AirflowRefused(RuntimeError):
    """The API answered with an error; the message has its text."""


class Airflow:
    """One Airflow, logged in when first asked; a token that has run out is renewed."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self.user = user
        self.password = password
        self.client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One request below /api/v2. Raises AirflowRefused; httpx.HTTPError when nobody answers."""
        if "Authorization" not in self.client.headers:
            self._log_in()
        answer = self.client.request(method, f"/api/v2{path}", **options)
        if answer.status_code == 401:
            self._log_in()
            answer = self.client.request(method, f"/api/v2{path}", **options)
        if answer.status_code >= 400:
            raise AirflowRefused(f"{method} {path} was answered with {answer.status_code}: {answer.text[:600]}")
        return answer.json() if answer.content else None

    def _log_in(self) -> None:
        login = {"username": self.user, "password": self.password}
        self.client.headers.pop("Authorization", None)
        answer = self.client.post("/auth/token", json=login)
        if answer.status_code != 201:
            raise AirflowRefused(f"the log-in as {self.user} was answered with {answer.status_code}")
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def ensure_pool(self, name: str, slots: int, description: str) -> None:
        """A pool; one that exists keeps the size that somebody gave it."""
        known = {pool["name"] for pool in self.call("GET", "/pools", params={"limit": 100})["pools"]}
        if name not in known:
            body = {"name": name, "slots": slots, "description": description, "include_deferred": False}
            self.call("POST", "/pools", json=body)

    def dags(self) -> list[str]:
        """Ids of all DAGs that are parsed."""
        return sorted(dag["dag_id"] for dag in self.call("GET", "/dags", params={"limit": 100})["dags"])

    def import_errors(self) -> list[dict[str, Any]]:
        """DAG files that do not import: filename, stack_trace."""
        return self.call("GET", "/importErrors")["import_errors"]

    def wait_for_dags(self, wanted: set[str], seconds: float = 90) -> None:
        """Wait until these DAGs are parsed. Raises AirflowRefused with what stands in the way."""
        deadline = time.monotonic() + seconds
        while not wanted <= set(self.dags()):
            if time.monotonic() > deadline:
                broken = [f"{row['filename']}: {row['stack_trace'][-600:]}" for row in self.import_errors()]
                missing = ", ".join(sorted(wanted - set(self.dags())))
                raise AirflowRefused("\n".join([f"not parsed within {seconds:.0f} s: {missing}", *broken]))
            time.sleep(0.5)

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run; gives its id."""
        body = {"logical_date": None, "conf": conf or {}}
        return self.call("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"]

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One run: state, start_date, end_date, ..."""
        return self.call("GET", f"/dags/{dag_id}/dagRuns/{run_id}")

    def runs_since(self, dag_id: str, moment: datetime) -> list[dict[str, Any]]:
        """Runs that were made at or after a moment, oldest first."""
        since = {"run_after_gte": moment.astimezone(UTC).isoformat(), "order_by": "run_after", "limit": 100}
        return self.call("GET", f"/dags/{dag_id}/dagRuns", params=since)["dag_runs"]

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Task instances of a run, mapped ones each."""
        found: list[dict[str, Any]] = []
        while True:
            query = {"limit": 100, "offset": len(found)}
            page = self.call("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", params=query)
            found += page["task_instances"]
            if len(found) >= page["total_entries"] or not page["task_instances"]:
                return found

    def log(self, task: dict[str, Any]) -> list[str]:
        """Lines of the log of a task instance's last try."""
        path = f"/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        query = {"map_index": task["map_index"], "full_content": "true"}
        content = self.call("GET", f"{path}/logs/{max(1, task['try_number'])}", params=query)["content"]
        return [entry if isinstance(entry, str) else _line(entry) for entry in content]

    def address(self, task: dict[str, Any]) -> str:
        """Where a person reads that log."""
        mapped = f"/mapped/{task['map_index']}" if task["map_index"] >= 0 else ""
        return f"{self.url}/dags/{task['dag_id']}/runs/{task['dag_run_id']}/tasks/{task['task_id']}{mapped}"


def _line(entry: dict[str, Any]) -> str:
    text = f"{entry.get('level', '')} {entry.get('event', '')}".strip()
    for error in entry.get("error_detail") or ():
        text += f"\n{error.get('exc_type', '')}: {error.get('exc_value', '')}"
    return text
