"""`make bench`: runs every benchmark, prints a table and writes bench/results/latest.json.

Figures are ratios against a reference taken in the same run wherever that makes sense, since machines differ and are
shared. A row whose goal is None is only reported.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.row import Row

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results" / "latest.json"

# name -> module:function; each returns rows
BENCHMARKS = {
    "scraping-speed": "bench.scraping.measure:speed",
    "scraping-workers": "bench.scraping.measure:workers",
    "scraping-manners": "bench.scraping.measure:manners",
    "scraping-memory": "bench.scraping.measure:memory",
    "scraping-faithful": "bench.scraping.measure:faithful",
    "redshift": "bench.redshift:measure_copy_rate",
    "model": "bench.model:measure_model",
    "model-growth": "bench.model_growth:measure_growth",
    "regret": "bench.regret:measure_regret",
    "publish": "bench.publish:measure_publishing",
    "readers": "bench.readers:measure_readers",
    "scale": "bench.read_scale:measure_scale",
    "web": "bench.web_page:measure_pages",
    "paint": "bench.first_paint:measure_first_paint",
    "delivery": "bench.delivery:measure_delivery",
    "workers": "bench.cluster:measure_workers",
    "pipeline": "bench.pipeline:measure_pipeline",
}
# takes minutes and wants a broker, which `make cluster` installs: by name, or with FULL=1
ON_REQUEST = {"workers"}


def main() -> int:
    """Run the benchmarks named on the command line, or all; exit 1 where a goal is missed or a benchmark broke."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that the servers it started end with it
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--full", action="store_true", help="the large ones too (the same as FULL=1)")
    arguments = parser.parse_args()
    if arguments.full:
        os.environ["FULL"] = "1"  # read by the benchmarks as they are imported
    # `scraping` is every scraping-..., `model` is model-growth too
    chosen = {name: [one for one in BENCHMARKS if f"{one}-".startswith(f"{name}-")] for name in arguments.names}
    names = list(dict.fromkeys(one for found in chosen.values() for one in found))
    names = names or [name for name in BENCHMARKS if arguments.full or name not in ON_REQUEST]
    unknown = sorted(name for name, found in chosen.items() if not found)
    if unknown:
        parser.error(f"unknown benchmarks {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    console = Console(width=max(120, Console().width))
    rows: list[Row] = []
    broken: list[str] = []
    for name in names:
        started = time.monotonic()
        console.print(f"[bold]{name}[/] …")
        try:
            rows += _function(BENCHMARKS[name])()
        except Exception:  # the others are measured all the same
            traceback.print_exc()
            broken.append(name)
        _write(rows)
        console.print(f"{name}: {time.monotonic() - started:.0f} s")
    _print(console, rows)
    console.print(f"written to {RESULTS.relative_to(ROOT)}")
    if broken:
        console.print(f"[bold red]broke, without figures: {', '.join(broken)}[/]")
    return 0 if not broken and all(row["met"] is not False for row in rows) else 1


def _function(path: str) -> Callable[[], list[Row]]:
    module, name = path.split(":")
    return getattr(importlib.import_module(module), name)


def _print(console: Console, rows: list[Row]) -> None:
    table = Table("benchmark", "value", "unit", "reference", "ratio", "goal", "met", title="Benchmarks")
    for row in rows:
        met = {True: "yes", False: "[bold red]no[/]", None: "-"}[row["met"]]
        table.add_row(
            row["name"],
            f"{row['value']:,.4g}",
            row["unit"],
            _number(row["reference"]),
            _number(row["ratio"]),
            "-" if row["goal"] is None else str(row["goal"]),
            met,
        )
    console.print(table)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.4g}"


def _write(rows: list[Row]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    draft = RESULTS.with_suffix(".json.new")
    draft.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
    draft.replace(RESULTS)


if __name__ == "__main__":
    sys.exit(main())
