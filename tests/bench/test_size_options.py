"""The command that shows how the rules read a file of real options, and the page that holds its tables."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import size_options
from include.rules.option_refusals import REASONS

PAGE = (Path(__file__).parents[2] / "docs" / "refusals.md").read_text(encoding="utf-8")


@pytest.fixture
def options(tmp_path: Path) -> Path:
    file = tmp_path / "options.csv"
    text = 'mall,size_option,n\nmusinsa,M,6\nmusinsa,19.03.31,2\nzigzag,"블랙,L",1\nzigzag,"블랙,L",1\n'
    file.write_text(text, encoding="utf-8")
    return file


def test_shares_add_up_over_malls_by_occurrences_and_by_distinct_options(options: Path) -> None:
    assert size_options.shares(size_options.sweep(options))[2:] == [
        "| musinsa | 8 | 75.00% | 25.00% | 2 | 50.00% | 50.00% |",
        "| zigzag | 2 | 100.00% | 0.00% | 1 | 100.00% | 0.00% |",
        "| all | 10 | 80.00% | 20.00% | 3 | 66.67% | 33.33% |",
    ]


def test_reasons_are_counted_and_shown_with_invented_examples(options: Path) -> None:
    rows = size_options.reasons(size_options.sweep(options))[2:]
    assert len(rows) == len(REASONS)
    assert rows[0].startswith("| `date` | a date,")
    assert rows[0].endswith("| 2 | 1 |")


@pytest.mark.parametrize(
    ("flag", "shown", "hidden"), [("--refused", "'19.03.31'", "'M'"), ("--labels", "'M'", "19.03")]
)
def test_the_options_themselves_are_listed_on_request(
    options: Path,
    flag: str,
    shown: str,
    hidden: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["size_options", str(options), flag])
    assert size_options.main() == 0
    printed = capsys.readouterr().out
    assert shown in printed
    assert hidden not in printed


def test_a_file_without_options_is_refused_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["size_options", str(file)])
    with pytest.raises(SystemExit):
        size_options.main()
    assert "it needs a column size_option" in capsys.readouterr().err


def test_the_page_explains_every_reason_as_the_rules_do() -> None:
    rows = {line.split("|")[1].strip(" `"): line for line in PAGE.splitlines() if line.startswith("| `")}
    assert set(rows) == set(REASONS)
    for code, (meaning, example) in REASONS.items():
        assert f"| {meaning} |" in rows[code]
        assert example in rows[code] or len(example) > 40
