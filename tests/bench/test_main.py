"""The benchmark command: what stands in latest.json and how it ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench import __main__ as command
from bench.row import judged


def met() -> list:
    return [judged("quick", 2.0, "s", 3.0, "less")]


def missed() -> list:
    return [judged("slow", 4.0, "s", 3.0, "less")]


def broken() -> list:
    raise RuntimeError("the server did not start")


@pytest.mark.parametrize(
    ("names", "code", "kept"),
    [(["met"], 0, ["quick"]), (["missed", "met"], 1, ["slow", "quick"]), (["broken", "met"], 1, ["quick"])],
)
def test_each_figure_is_kept_and_a_missed_goal_or_a_broken_benchmark_fails_the_command(
    names: list[str],
    code: int,
    kept: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "BENCHMARKS", {name: f"{__name__}:{name}" for name in ("met", "missed", "broken")})
    monkeypatch.setattr(command, "RESULTS", tmp_path / "latest.json")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench", *names])
    assert command.main() == code
    assert [row["name"] for row in json.loads((tmp_path / "latest.json").read_text(encoding="utf-8"))] == kept
    told = capsys.readouterr()
    assert ("broke, without figures: broken" in told.out) == ("broken" in names)
    assert ("the server did not start" in told.err) == ("broken" in names)
