"""Objects in S3 as batches of rows for COPY FROM STDIN: read, checked and encoded column by column, in a thread.

Memory stays bounded: an object lies in a temporary file, and some thousand rows at a time are in memory.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
import tempfile
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from local.redshift.errors import INTERNAL, RedshiftError
from local.redshift.options import Copy
from local.redshift.s3 import File, Store
from local.redshift.table import Column, check_schema

BATCH_ROWS = 4096
_LARGEST_ROW = 4 << 20  # Redshift's limit for one row of input
_BLANK = re.compile(r"\s*")
_NEWLINES_KEPT = 16  # encoded batches kept to find a row in, where values contain newlines


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


@dataclass
class _Mark:
    """Where the rows of one encoded batch came from; `lines` counts the lines that PostgreSQL sees."""

    first: int
    lines: int
    file: str
    numbers: np.ndarray
    text: bytes | None


@dataclass
class Rows:
    """The rows of a COPY as encoded chunks."""

    command: Copy
    columns: list[Column]
    files: list[File]
    store: Store
    faults: list[Fault] = field(default_factory=list)  # rows passed over under MAXERROR
    _marks: deque[_Mark] = field(default_factory=deque)
    _lines: int = 0

    @property
    def tolerated(self) -> int:
        """How many rows may be passed over: MAXERROR n fails at the n-th."""
        return max(self.command.number("MAXERROR") - 1, 0)

    def chunks(self) -> Generator[bytes]:
        """CSV for COPY FROM STDIN. Raises LoadFailed, RedshiftError."""
        read = {"PARQUET": self._parquet, "CSV": self._csv, "JSON": self._json}[self.command.form]
        with tempfile.TemporaryDirectory(prefix="otto-copy-") as folder:
            for file in self.files:
                path = self._fetched(file, Path(folder))
                for numbers, batch in read(path, file.location.url):
                    numbers, batch = self._checked(numbers, batch, file.location.url)
                    if batch.num_rows:
                        yield self._encoded(numbers, batch, file.location.url)
                path.unlink()

    def _fetched(self, file: File, folder: Path) -> Path:
        path = folder / "object"
        self.store.download(file.location, path)
        if "GZIP" not in self.command.options:
            return path
        plain = folder / "plain"
        try:
            with gzip.open(path) as source, plain.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise RedshiftError(INTERNAL, f"{file.location.url} cannot be unpacked as GZIP: {error}") from error
        path.unlink()
        return plain

    # reading

    def _parquet(self, path: Path, url: str) -> Iterator[tuple[np.ndarray, pa.RecordBatch]]:
        try:
            with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as source:
                check_schema(self.columns, source.schema_arrow, url)
                first = 1
                for batch in source.iter_batches(BATCH_ROWS, use_threads=False):
                    yield np.arange(first, first + batch.num_rows), batch
                    first += batch.num_rows
        except (pa.ArrowInvalid, OSError) as error:
            raise RedshiftError(INTERNAL, f"Spectrum Scan Error: {url} cannot be read as Parquet: {error}") from error

    def _csv(self, path: Path, url: str) -> Iterator[tuple[np.ndarray, pa.RecordBatch]]:
        options = self.command.options
        header = self.command.number("IGNOREHEADER")
        names = [column.name for column in self.columns]
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
                    self._pass_over_broken(broken, url)
                    yield numbers, self._nulls(batch)
        except pa.ArrowInvalid as error:
            if "Empty CSV" not in str(error):
                raise LoadFailed(Fault(url, next_line, "", 1220, f"the file is not CSV in UTF-8: {error}")) from error
        self._pass_over_broken(broken, url)

    def _pass_over_broken(self, broken: list[Any], url: str) -> None:
        for row in broken:
            more = row.actual_columns > row.expected_columns
            code, reason = (1202, "Extra column(s) found") if more else (1201, "Delimiter not found")
            reason = f"{reason}: {row.actual_columns} for {row.expected_columns}"
            self._pass_over(Fault(url, row.number, "", code, reason, row.text[:1024]))
        broken.clear()

    def _nulls(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Redshift's rules: the null text, and empty fields of all but character columns, are NULL."""
        options = self.command.options
        null = options.get("NULL", "\\N")
        arrays = []
        for column, values in zip(self.columns, batch.columns, strict=True):
            absent = pc.equal(values, null)
            if not column.is_text or "EMPTYASNULL" in options:
                absent = pc.or_(absent, pc.equal(values, ""))
            if column.is_text and "BLANKSASNULL" in options:
                absent = pc.or_(absent, pc.match_substring_regex(values, r"^\s+$"))
            arrays.append(pc.if_else(absent, pa.scalar(None, pa.string()), values))
        return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in self.columns])

    def _json(self, path: Path, url: str) -> Iterator[tuple[np.ndarray, pa.RecordBatch]]:
        numbers: list[int] = []
        lists: list[list[str | None]] = [[] for _ in self.columns]
        for line, document in _objects(path, url):
            numbers.append(line)
            for column, values in zip(self.columns, lists, strict=True):
                values.append(_plain(document.get(column.name)))
            if len(numbers) == BATCH_ROWS:
                yield np.array(numbers), self._from_lists(lists)
                numbers, lists = [], [[] for _ in self.columns]
        if numbers:
            yield np.array(numbers), self._from_lists(lists)

    def _from_lists(self, lists: list[list[str | None]]) -> pa.RecordBatch:
        arrays = [pa.array(values, pa.string()) for values in lists]
        return self._nulls(pa.RecordBatch.from_arrays(arrays, names=[column.name for column in self.columns]))

    # checking

    def _checked(self, numbers: np.ndarray, batch: pa.RecordBatch, url: str) -> tuple[np.ndarray, pa.RecordBatch]:
        """What Redshift refuses and PostgreSQL would take, or would refuse without saying in which file."""
        for place, column in enumerate(self.columns):
            values = batch.column(place)
            if column.not_null and values.null_count:
                missing = values.is_null()
                numbers, batch = self._refuse(
                    numbers, batch, missing, url, column, 1213, "Missing data for not-null field"
                )
                values = batch.column(place)
            if column.longest is not None:
                lengths = pc.binary_length(_text(values))
                if (pc.max(lengths).as_py() or 0) <= column.longest:
                    continue
                long = pc.fill_null(pc.greater(lengths, column.longest), False)
                if "TRUNCATECOLUMNS" in self.command.options:
                    batch = batch.set_column(place, column.name, _cut(values, column.longest))
                else:
                    reason = f"String length exceeds DDL length ({column.longest} bytes)"
                    numbers, batch = self._refuse(numbers, batch, long, url, column, 1204, reason)
        return numbers, batch

    def _refuse(
        self,
        numbers: np.ndarray,
        batch: pa.RecordBatch,
        bad: pa.Array,
        url: str,
        column: Column,
        code: int,
        reason: str,
    ) -> tuple[np.ndarray, pa.RecordBatch]:
        marked = bad.to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(marked):
            value = batch.column(self.columns.index(column))[int(row)].as_py()
            self._pass_over(
                Fault(url, int(numbers[row]), column.name, code, reason, "" if value is None else str(value))
            )
        return numbers[~marked], batch.filter(pa.array(~marked))

    def _pass_over(self, fault: Fault) -> None:
        if len(self.faults) >= self.tolerated:
            raise LoadFailed(fault)
        self.faults.append(fault)

    # encoding

    def _encoded(self, numbers: np.ndarray, batch: pa.RecordBatch, url: str) -> bytes:
        sink = pa.BufferOutputStream()
        pacsv.write_csv(_writable(batch), sink, pacsv.WriteOptions(include_header=False, quoting_style="needed"))
        text = sink.getvalue().to_pybytes()
        lines = text.count(b"\n")
        plain = lines == len(numbers)
        self._marks.append(_Mark(self._lines + 1, lines, url, numbers, None if plain else text))
        self._lines += lines
        if len(self._marks) > _NEWLINES_KEPT:
            self._marks[-_NEWLINES_KEPT - 1].text = None
        return text

    def place(self, line: int) -> tuple[str, int]:
        """The file and the line in it of the line that PostgreSQL counted."""
        for mark in reversed(self._marks):
            if mark.first <= line:
                row = min(line - mark.first, len(mark.numbers) - 1)
                if mark.text is not None:
                    row = _row_of_line(mark.text, line - mark.first + 1)
                return mark.file, int(mark.numbers[row])
        return "", 0


def _row_of_line(text: bytes, line: int) -> int:
    reader = csv.reader(io.StringIO(text.decode("utf-8", errors="replace"), newline=""))
    for row, _ in enumerate(reader):
        if reader.line_num >= line:
            return row
    return 0


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


def _text(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _cut(values: pa.Array, longest: int) -> pa.Array:
    """Cut to so many bytes, never through a character."""
    cut = [
        None if value is None else value.encode()[:longest].decode("utf-8", errors="ignore")
        for value in _text(values).to_pylist()
    ]
    return pa.array(cut, pa.string())


def _writable(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch in types that Arrow writes as CSV and PostgreSQL reads."""
    arrays = []
    for values in batch.columns:
        kind = values.type
        if pa.types.is_dictionary(kind):
            values = values.dictionary_decode()
        elif pa.types.is_time(kind):
            values = values.cast(pa.string())
        elif pa.types.is_timestamp(kind):
            values = values.cast(pa.timestamp("us"), safe=False)  # PostgreSQL has microseconds
            if kind.tz:  # spelled by hand: Arrow's own spelling of a zone is twenty times slower
                values = pc.binary_join_element_wise(values.cast(pa.string()), pa.scalar("Z"), pa.scalar(""))
        arrays.append(values)
    return pa.RecordBatch.from_arrays(arrays, names=[f"c{i}" for i in range(len(arrays))])
