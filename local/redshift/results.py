"""The rows of an UNLOAD as a file: PostgreSQL's CSV, turned into Parquet piece by piece where that is asked for."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from local.redshift.errors import RedshiftError, unsupported
from local.redshift.options import Unload
from local.redshift.unload import positional

Columns = list[tuple[str, int, int]]

_NUMERIC, _TIMESTAMPTZ = 1700, 1184
_FREE_NUMERIC = (38, 10)  # for results such as an average, to which PostgreSQL gives no scale
_KINDS: dict[int, Any] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    25: pa.string(),
    18: pa.string(),
    19: pa.string(),
    1042: pa.string(),
    1043: pa.string(),
    3802: pa.string(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    _TIMESTAMPTZ: pa.timestamp("us"),
}


def _kind(name: str, oid: int, modifier: int) -> pa.DataType:
    if oid == _NUMERIC:
        return pa.decimal128(*(_FREE_NUMERIC if modifier < 4 else ((modifier - 4) >> 16, (modifier - 4) & 0x7FF)))
    if oid not in _KINDS:
        raise unsupported(f'UNLOAD of column "{name}" (type number {oid}) to PARQUET', "Cast it.")
    return _KINDS[oid]


class ParquetFile:
    """Types are the query's; a timestamp with a zone is in UTC."""

    def __init__(self, path: Path, columns: Columns, command: Unload) -> None:
        self._columns = columns
        self._kinds = [_kind(*column) for column in columns]
        fields = [
            (name, pa.timestamp("us", "UTC") if oid == _TIMESTAMPTZ else kind)
            for (name, oid, _), kind in zip(columns, self._kinds, strict=True)
        ]
        self._schema = pa.schema(fields)
        self._writer = pq.ParquetWriter(path, self._schema, compression="snappy")

    def statement(self, query: str) -> str:
        """The COPY whose CSV `write` takes."""
        texts = []
        for place, (_, oid, modifier) in enumerate(self._columns):
            text = f"c{place}"
            if oid == _TIMESTAMPTZ:
                text = f"to_char(c{place} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
            elif oid == 1114:
                text = f"to_char(c{place}, 'YYYY-MM-DD HH24:MI:SS.US')"
            elif oid == 1082:
                text = f"to_char(c{place}, 'YYYY-MM-DD')"
            elif oid == _NUMERIC and modifier < 4:
                text = f"c{place}::numeric({_FREE_NUMERIC[0]}, {_FREE_NUMERIC[1]})"
            texts.append(text)
        return positional(query, self._columns, texts) + " (FORMAT csv, ENCODING 'UTF8')"

    def write(self, piece: bytes) -> None:
        """Whole rows of CSV."""
        if not piece:
            return
        names = [f"c{place}" for place in range(len(self._columns))]
        table = pacsv.read_csv(
            io.BytesIO(piece),
            pacsv.ReadOptions(column_names=names, use_threads=False),
            pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=len(names) > 1),
            pacsv.ConvertOptions(
                column_types=dict(zip(names, self._kinds, strict=True)),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
                timestamp_parsers=["%Y-%m-%d %H:%M:%S.%f", pacsv.ISO8601],
            ),
        )
        arrays = [column.cast(field.type) for column, field in zip(table.columns, self._schema, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()


class CsvFile:
    """PostgreSQL's CSV as it is, with HEADER and GZIP if asked for."""

    def __init__(self, path: Path, columns: Columns, command: Unload) -> None:
        self._command = command
        self._sink: Any = gzip.open(path, "wb") if "GZIP" in command.options else path.open("wb")  # noqa: SIM115 - close()

    def statement(self, query: str) -> str:
        """The COPY whose CSV `write` takes."""
        options = "FORMAT csv, ENCODING 'UTF8'"
        if "HEADER" in self._command.options:
            options += ", HEADER"
        if delimiter := self._command.options.get("DELIMITER"):
            if len(delimiter.encode()) != 1 or delimiter in "'\\":
                raise RedshiftError("22023", "DELIMITER must be one ASCII character")
            options += f", DELIMITER '{delimiter}'"
        return f"COPY ({query}) TO STDOUT ({options})"

    def write(self, piece: bytes) -> None:
        """Whole rows."""
        self._sink.write(piece)

    def close(self) -> None:
        """Finish the file."""
        self._sink.close()
