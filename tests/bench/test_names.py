"""What `python -m bench` lists is there."""

from __future__ import annotations

import ast
from pathlib import Path

from bench.__main__ import BENCHMARKS

ROOT = Path(__file__).parents[2]


def test_every_benchmark_is_a_function_of_its_module() -> None:
    assert len(BENCHMARKS) > 8
    for path in BENCHMARKS.values():
        module, name = path.split(":")
        source = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
        assert name in {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
