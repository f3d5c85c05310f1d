"""The three rings: rules <- adapters <- dags. Imports point inwards only, and each outside system has one door.

Worked on the source by ast, imports inside functions included: nothing has to be installed or run for a ring to hold.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What runs in a DAG, from the innermost ring outwards; a package may import those of its own ring and of inner ones.
RINGS = {
    "include.rules": {"include.rules"},
    "include": {"include"},
    "ml": {"ml", "include"},
    "dags": {"ml", "include"},
}
OUTER = {"dags", "ml", "web", "api", "local", "bench", "tests", "plugins", "infra"}

OUTSIDE_SYSTEMS = {"airflow", "boto3", "botocore", "selenium", "psycopg", "redshift_connector"}

# Seconds of import for every parse of a DAG file.
HEAVY = {
    *("boto3", "botocore", "django", "fastapi", "matplotlib", "numpy", "pandas", "psycopg", "pyarrow"),
    *("redshift_connector", "scipy", "selenium", "sklearn", "sqlglot", "xgboost"),
}

PURE = [
    *sorted((ROOT / "include" / "rules").rglob("*.py")),
    *(
        path
        for name in ("urls", "pages", "reviews", "options", "graphql")
        for path in sorted((ROOT / "include/scrapers").glob(f"*/{name}.py"))
    ),
    ROOT / "ml" / "features.py",
    ROOT / "ml" / "size_table.py",
]


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path, *, top_level: bool = False) -> Iterator[str]:
    """Every module that a file names in an import; `from a import b` gives a and a.b."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _run_at_import(tree) if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            continue
        yield child
        yield from _run_at_import(child)


def path_of(module: str) -> Path | None:
    base = ROOT.joinpath(*module.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.exists()), None)


def everything_imported(path: Path) -> set[str]:
    """The top-level packages that importing this file brings in through files of the project."""
    seen: set[Path] = set()
    found: set[str] = set()
    waiting = [path]
    while waiting:
        present = waiting.pop()
        if present in seen:
            continue
        seen.add(present)
        for module in imports(present, top_level=True):
            ours = path_of(module)
            if ours:
                waiting.append(ours)
            elif module.split(".")[0] not in ("include", "ml"):
                found.add(module.split(".")[0])
    return found


def test_there_is_something_to_hold() -> None:
    assert {name_of(path) for path in PURE} >= {
        "include.rules.size_run",
        "include.scrapers.musinsa.pages",
        "ml.features",
        "ml.size_table",
    }
    assert len(modules("include")) > 30
    assert len(modules("dags")) == 6


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_the_pure_ring_touches_no_outside_system(path: Path) -> None:
    assert {module.split(".")[0] for module in imports(path)} & OUTSIDE_SYSTEMS == set()
    assert everything_imported(path) & OUTSIDE_SYSTEMS == set()


@pytest.mark.parametrize("path", modules("include/rules"), ids=name_of)
def test_the_rules_import_rules_alone(path: Path) -> None:
    ours = {module for module in imports(path) if module.split(".")[0] in OUTER | {"include"}}
    assert {module for module in ours if not module.startswith("include.rules")} == set()


@pytest.mark.parametrize("path", modules("include", "ml", "dags"), ids=name_of)
def test_imports_point_inwards(path: Path) -> None:
    ring = next(ring for ring in RINGS if name_of(path).startswith(ring))
    assert {module.split(".")[0] for module in imports(path)} & (OUTER - RINGS[ring]) == set()


def test_one_module_imports_selenium() -> None:
    everywhere = modules("include", "ml", "dags", "web", "api", "local", "plugins")
    users = {name_of(path) for path in everywhere if any(m.split(".")[0] == "selenium" for m in imports(path))}
    assert users == {"include.scrapers.browser"}


@pytest.mark.parametrize("path", modules("dags"), ids=name_of)
def test_a_dag_file_imports_nothing_heavy(path: Path) -> None:
    assert everything_imported(path) & HEAVY == set()


@pytest.mark.parametrize("path", modules("include", "ml", "dags"), ids=name_of)
def test_airflow_is_imported_by_its_public_names(path: Path) -> None:
    allowed = ("airflow.sdk", "airflow.providers.")
    named = {module for module in imports(path) if module == "airflow" or module.startswith("airflow.")}
    assert {module for module in named if not module.startswith(allowed)} == set()


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager", "misc"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    assert [
        path for path in modules("include", "ml", "dags", "web", "api", "local") if word in path.stem.split("_")
    ] == []


@pytest.mark.parametrize("path", modules("include", "ml", "dags", "local", "web", "api"), ids=name_of)
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350
