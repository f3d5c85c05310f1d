"""Objects of each format as batches of columns with the number of each row; what has no row's shape is passed over."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from local.redshift.errors import INTERNAL, RedshiftError
from local.redshift.options import Copy
from local.redshift.table import Column, check_schema

BATCH_ROWS = 4096
_LARGEST_ROW = 4 << 20  # Redshift's limit for one row of input
_BLANK = re.compile(r"\s*")

Batches = Iterator[tuple[np.ndarray, pa.RecordBatch]]


@dataclass(frozen=True)
class Fault:
    """One row that cannot be loaded."""

    file: str
    line: int
    column: str
    code: int
    reason: str
    value: str = ""


class LoadFailed(Exception):
    """A load stops at this row."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


@dataclass(frozen=True)
class Load:
    """What a reader must know: the command, the columns to fill, and whom to tell of a row that is left out."""

    command: Copy
    columns: list[Column]
    pass_over: Callable[[Fault], None]


def parquet(path: Path, url: str, load: Load) -> Batches:
    """Row groups in pieces; the columns must be those of the table."""
    try:
        with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as source:
            check_schema(load.columns, source.schema_arrow, url)
            first = 1
            for batch in source.iter_batches(BATCH_ROWS, use_threads=False):
                yield np.arange(first, first + batch.num_rows), batch
                first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise RedshiftError(INTERNAL, f"Spectrum Scan Error: {url} cannot be read as Parquet: {error}") from error


def csv(path: Path, url: str, load: Load) -> Batches:
    """Every field as text: the database gives it its type. Lines count records, as values may contain newlines."""
    options = load.command.options
    header = load.command.number("IGNOREHEADER")
    names = [column.name for column in load.columns]
    broken: list[Any] = []

    def note(row: Any) -> str:
        broken.append(row)
        return "skip"

    if not path.stat().st_size:
        return
    parse = pacsv.ParseOptions(
        delimiter=options.get("DELIMITER") or ",",
        quote_char=options.get("QUOTE") or '"',
        newlines_in_values=True,
        invalid_row_handler=note,
    )
    convert = pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    read = pacsv.ReadOptions(column_names=names, skip_rows=header, block_size=1 << 20, use_threads=False)
    next_line = header + 1
    try:
        with pacsv.open_csv(path, read_options=read, parse_options=parse, convert_options=convert) as source:
            for batch in source:
                numbers, next_line = _numbered(next_line, batch.num_rows, {row.number for row in broken})
                _pass_over_broken(broken, url, load)
                yield numbers, _nulls(batch, load)
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise LoadFailed(Fault(url, next_line, "", 1220, f"the file is not CSV in UTF-8: {error}")) from error
    _pass_over_broken(broken, url, load)


def _pass_over_broken(broken: list[Any], url: str, load: Load) -> None:
    for row in broken:
        more = row.actual_columns > row.expected_columns
        code, reason = (1202, "Extra column(s) found") if more else (1201, "Delimiter not found")
        reason = f"{reason}: {row.actual_columns} for {row.expected_columns}"
        load.pass_over(Fault(url, row.number, "", code, reason, row.text[:1024]))
    broken.clear()


def _nulls(batch: pa.RecordBatch, load: Load) -> pa.RecordBatch:
    """Redshift's rules: the null text, and empty fields of all but character columns, are NULL."""
    options = load.command.options
    null = options.get("NULL", "\\N")
    arrays = []
    for column, values in zip(load.columns, batch.columns, strict=True):
        absent = pc.equal(values, null)
        if not column.is_text or "EMPTYASNULL" in options:
            absent = pc.or_(absent, pc.equal(values, ""))
        if column.is_text and "BLANKSASNULL" in options:
            absent = pc.or_(absent, pc.match_substring_regex(values, r"^\s+$"))
        arrays.append(pc.if_else(absent, pa.scalar(None, pa.string()), values))
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in load.columns])


def json_lines(path: Path, url: str, load: Load) -> Batches:
    """Objects matched by name; a fraction keeps its digits, a list or object becomes JSON text."""
    numbers: list[int] = []
    lists: list[list[str | None]] = [[] for _ in load.columns]
    for line, document in _objects(path, url):
        numbers.append(line)
        for column, values in zip(load.columns, lists, strict=True):
            values.append(_plain(document.get(column.name)))
        if len(numbers) == BATCH_ROWS:
            yield np.array(numbers), _from_lists(lists, load)
            numbers, lists = [], [[] for _ in load.columns]
    if numbers:
        yield np.array(numbers), _from_lists(lists, load)


def _from_lists(lists: list[list[str | None]], load: Load) -> pa.RecordBatch:
    arrays = [pa.array(values, pa.string()) for values in lists]
    return _nulls(pa.RecordBatch.from_arrays(arrays, names=[column.name for column in load.columns]), load)


def _numbered(first: int, rows: int, without: set[int]) -> tuple[np.ndarray, int]:
    """The line numbers of so many rows, and the next one; those `without` belong to rows that were left out."""
    numbers = np.arange(first, first + rows + len(without))
    if without:
        numbers = numbers[~np.isin(numbers, list(without))]
    numbers = numbers[:rows]
    return numbers, (int(numbers[-1]) + 1 if rows else first)


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(_numbers(value), ensure_ascii=False)


class _Digits(str):
    """A fraction as the file has it: a float would round it."""


def _numbers(value: Any) -> Any:
    """Inside lists and objects a fraction must be a number again."""
    if isinstance(value, _Digits):
        return float(value)
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    return value


def _objects(path: Path, url: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON file with the line each begins on; they may lie across lines."""
    decoder = json.JSONDecoder(parse_float=_Digits)
    text, line, ended = "", 1, False
    with path.open(encoding="utf-8") as source:
        while True:
            try:
                if not ended and len(text) < _LARGEST_ROW:
                    more = source.read(1 << 20)
                    ended = not more
                    text += more
            except UnicodeDecodeError as error:
                raise LoadFailed(Fault(url, line, "", 1220, f"the file is not UTF-8: {error}")) from error
            place = 0
            while True:
                start = _BLANK.match(text, place).end()  # type: ignore[union-attr]
                line += text.count("\n", place, start)
                place = start
                if place >= len(text):
                    break
                try:
                    document, end = decoder.raw_decode(text, place)
                except ValueError as error:
                    if ended or len(text) - place >= _LARGEST_ROW:
                        raise LoadFailed(Fault(url, line, "", 1216, f"Invalid JSON: {error}")) from error
                    break
                if not isinstance(document, dict):
                    raise LoadFailed(Fault(url, line, "", 1216, "Invalid JSON: each row must be an object"))
                yield line, document
                line += text.count("\n", place, end)
                place = end
            text = text[place:]
            if ended and not text:
                return
