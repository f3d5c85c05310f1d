"""Objects in S3 as batches of rows for COPY FROM STDIN: read, checked and encoded column by column, in a thread.

Memory stays bounded: an object lies in a temporary file, and some thousand rows at a time are in memory.
"""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from local.redshift.errors import INTERNAL, RedshiftError
from local.redshift.options import Copy
from local.redshift.readers import Fault, Load, LoadFailed, csv, json_lines, parquet
from local.redshift.s3 import File, Store
from local.redshift.table import Column

_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))  # the escape itself first


@dataclass
class _Mark:
    """Where the rows of one encoded batch came from; `first` is the line that PostgreSQL counts."""

    first: int
    file: str
    numbers: np.ndarray


@dataclass
class Rows:
    """The rows of a COPY as encoded chunks."""

    command: Copy
    columns: list[Column]
    files: list[File]
    store: Store
    faults: list[Fault] = field(default_factory=list)  # rows passed over under MAXERROR
    _marks: list[_Mark] = field(default_factory=list)
    _lines: int = 0

    @property
    def tolerated(self) -> int:
        """How many rows may be passed over: MAXERROR n fails at the n-th."""
        return max(self.command.number("MAXERROR") - 1, 0)

    def chunks(self) -> Generator[bytes]:
        """COPY FROM STDIN's text form. Raises LoadFailed, RedshiftError."""
        read = {"PARQUET": parquet, "CSV": csv, "JSON": json_lines}[self.command.form]
        load = Load(self.command, self.columns, self._pass_over)
        with tempfile.TemporaryDirectory(prefix="otto-copy-") as folder:
            for file in self.files:
                path = self._fetched(file, Path(folder))
                for numbers, batch in read(path, file.location.url, load):
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
        """One line a row: PostgreSQL reads this form a fifth faster than CSV, and counts rows where it says lines."""
        fields = [_field(_text(values)) for values in batch.columns]
        fields[-1] = pc.binary_join_element_wise(fields[-1], "", "\n")
        lines = pc.binary_join_element_wise(*fields, "\t")
        self._marks.append(_Mark(self._lines + 1, url, numbers))
        self._lines += len(numbers)
        return bytes(pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "")[0].as_buffer())

    def place(self, line: int) -> tuple[str, int]:
        """The file and the line in it of the line that PostgreSQL counted."""
        for mark in reversed(self._marks):
            if mark.first <= line:
                return mark.file, int(mark.numbers[min(line - mark.first, len(mark.numbers) - 1)])
        return "", 0


def _text(values: pa.Array) -> pa.Array:
    """The column in its plain form: no dictionary, no wider offsets."""
    values = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    return values.cast(pa.string()) if pa.types.is_large_string(values.type) else values


def _cut(values: pa.Array, longest: int) -> pa.Array:
    """Cut to so many bytes, never through a character."""
    cut = [
        None if value is None else value.encode()[:longest].decode("utf-8", errors="ignore")
        for value in _text(values).to_pylist()
    ]
    return pa.array(cut, pa.string())


def _field(values: pa.Array) -> pa.Array:
    """A column as COPY's text form spells it: `\\N` for NULL, and no character of the form's own left in a value."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        spelled = values.cast(pa.timestamp("us"), safe=False).cast(pa.string())  # PostgreSQL has microseconds
        if kind.tz:  # spelled by hand: Arrow's own spelling of a zone is twenty times slower
            spelled = pc.binary_join_element_wise(spelled, "Z", "")
    elif pa.types.is_string(kind):
        spelled = values
        held = _bytes_of(values)
        for character, escaped in _ESCAPES:
            if character.encode() in held:
                spelled = pc.replace_substring(spelled, character, escaped)
    else:
        spelled = values.cast(pa.string())
    return pc.fill_null(spelled, "\\N")


def _bytes_of(values: pa.StringArray) -> bytes:
    """All its texts one after the other."""
    if not len(values):
        return b""
    _, offsets, data = values.buffers()
    at = np.frombuffer(offsets, dtype=np.int32)
    start, end = int(at[values.offset]), int(at[values.offset + len(values)])
    return data.slice(start, end - start).to_pybytes() if data else b""
