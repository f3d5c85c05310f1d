"""How the rules read a file of real size options: shares by mall, refusals by reason, and, asked for, each of them.

    python -m bench.size_options FILE.csv              two tables in Markdown, with invented examples (docs/refusals.md)
    python -m bench.size_options FILE.csv --refused    every refused option with its reason, most frequent first
    python -m bench.size_options FILE.csv --labels     every option that is a label, for a reader to go through

The file has a column size_option, and may have mall and n (how often the option occurs; 1 where it is absent).
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from include.rules.option_refusals import REASONS
from include.rules.size_option import SizeRefused, read_size_option


@dataclass(frozen=True, slots=True)
class Swept:
    """One distinct option of one mall and what the rules say of it."""

    mall: str
    option: str
    times: int
    reading: str  # label, alias, ruler and attributes; empty where refused
    code: str | None  # of the refusal


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.size_options", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--refused", action="store_true", help="list the refused options themselves")
    parser.add_argument("--labels", action="store_true", help="list the options that are labels")
    arguments = parser.parse_args()
    try:
        swept = sweep(arguments.file)
    except (OSError, KeyError, ValueError) as error:
        parser.error(f"{arguments.file} cannot be read: {error!r}; it needs a column size_option")
    if arguments.refused or arguments.labels:
        for row in sorted(swept, key=lambda row: -row.times):
            if (arguments.refused and row.code) or (arguments.labels and not row.code):
                print(f"{row.times:>7} {row.mall:8} {row.option!r:44} {row.code or row.reading}")
        return 0
    print("\n".join([*shares(swept), "", *reasons(swept)]))
    return 0


def sweep(file: Path) -> list[Swept]:
    """Every distinct option of a file. Raises KeyError where a column is missing, ValueError where n is no number."""
    times: Counter[tuple[str, str]] = Counter()
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            times[row.get("mall") or "-", row["size_option"]] += int(row.get("n") or 1)
    return [_read(mall, option, count) for (mall, option), count in times.items()]


def shares(swept: Iterable[Swept]) -> list[str]:
    """A table: of each mall, how much is a label and how much is refused, by occurrences and by distinct options."""
    lines = ["| mall | options | labels | refused | distinct | labels | refused |", "|---|---|---|---|---|---|---|"]
    by_mall: defaultdict[str, list[Swept]] = defaultdict(list)
    for row in swept:
        by_mall[row.mall].append(row)
        by_mall["all"].append(row)
    for mall, rows in sorted(by_mall.items(), key=lambda pair: (pair[0] == "all", pair[0])):
        cells: list[str] = []
        for weight in (lambda row: row.times, lambda row: 1):
            total = sum(weight(row) for row in rows)
            labels = sum(weight(row) for row in rows if row.code is None)
            cells += [f"{total:,}", f"{labels / total:.2%}", f"{1 - labels / total:.2%}"]
        lines.append(f"| {mall} | {' | '.join(cells)} |")
    return lines


def reasons(swept: Iterable[Swept]) -> list[str]:
    """A table: of each reason, what stands there, an invented example, and how often it was given."""
    rows = list(swept)
    occurrences, distinct = Counter[str | None](), Counter(row.code for row in rows)
    for row in rows:
        occurrences[row.code] += row.times
    lines = ["| code | what stands there | for example (invented) | occurrences | distinct |", "|---|---|---|---|---|"]
    for code, (meaning, example) in sorted(REASONS.items(), key=lambda pair: -occurrences[pair[0]]):
        shown = f"`{example}`" if len(example) < 40 else f"{len(example)} characters"
        lines.append(f"| `{code}` | {meaning} | {shown} | {occurrences[code]:,} | {distinct[code]:,} |")
    return lines


def _read(mall: str, option: str, times: int) -> Swept:
    try:
        size = read_size_option(option)
    except SizeRefused as refused:
        return Swept(mall, option, times, "", refused.code)
    beside = ", ".join(f"{kind} {text}" for kind, text in size.attributes)
    return Swept(mall, option, times, f"{size.label} {size.alias or '-'} {size.ruler} ({beside})", None)


if __name__ == "__main__":
    sys.exit(main())
