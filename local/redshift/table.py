"""The table that a COPY fills: its columns, and what a value must be to fit into each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.redshift.errors import INTERNAL, RedshiftError, literal
from local.redshift.link import Link
from local.redshift.options import Copy

if TYPE_CHECKING:
    import pyarrow as pa

_QUERY = """
SELECT a.attname, a.atttypid::int4, a.atttypmod, a.attnotnull, a.attidentity <> '',
       format_type(a.atttypid, a.atttypmod), a.attrelid::int8
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = to_regclass({}) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
_CHARACTERS = {25: "text", 1042: "bpchar", 1043: "varchar"}
_NUMERIC = 1700


@dataclass(frozen=True)
class Column:
    """One column of the table."""

    name: str
    oid: int
    modifier: int
    not_null: bool
    identity: bool
    type: str
    table_oid: int

    @property
    def is_text(self) -> bool:
        """CHAR or VARCHAR."""
        return self.oid in _CHARACTERS

    @property
    def longest(self) -> int | None:
        """How many bytes fit: Redshift counts bytes where PostgreSQL counts characters."""
        return self.modifier - 4 if self.is_text and self.modifier >= 4 else None

    def takes(self, kind: pa.DataType) -> bool:
        """Whether Redshift loads this Parquet type into this column."""
        import pyarrow as pa

        simple = {
            16: pa.types.is_boolean,
            20: pa.types.is_int64,
            21: lambda t: t in (pa.int8(), pa.int16()),
            23: lambda t: t in (pa.int8(), pa.int16(), pa.int32()),
            700: pa.types.is_float32,
            701: pa.types.is_float64,
            1082: pa.types.is_date32,
            1083: pa.types.is_time,
            1114: pa.types.is_timestamp,
            1184: pa.types.is_timestamp,
        }
        if pa.types.is_null(kind):
            return True
        if self.is_text:
            if pa.types.is_dictionary(kind):
                kind = kind.value_type
            return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
        if self.oid == _NUMERIC:
            if not pa.types.is_decimal(kind) or self.modifier < 4:
                return False
            precision, scale = (self.modifier - 4) >> 16, (self.modifier - 4) & 0x7FF
            return kind.scale == scale and kind.precision <= precision
        test = simple.get(self.oid)
        return bool(test and test(kind))


async def columns_of(link: Link, command: Copy) -> list[Column]:
    """The columns that COPY fills, in the order of the file. Raises RedshiftError."""
    rows = await link.ask(_QUERY.format(literal(command.table)))
    if not rows:
        raise RedshiftError("42P01", f"Cannot COPY into nonexistent table {command.table_name}")
    every = [
        Column(str(r[0]), int(r[1] or 0), int(r[2] or 0), r[3] == "t", r[4] == "t", str(r[5]), int(r[6] or 0))
        for r in rows
    ]
    if not command.columns:
        return [column for column in every if not column.identity]
    known = {column.name: column for column in every}
    for name in command.columns:
        if name not in known:
            raise RedshiftError("42703", f'column "{name}" of relation "{command.table_name}" does not exist')
    if len(set(command.columns)) < len(command.columns):
        raise RedshiftError("42701", "a column stands twice in the column list")
    return [known[name] for name in command.columns]


def check_schema(columns: list[Column], schema: pa.Schema, url: str) -> None:
    """Refuse a Parquet file whose columns are not, by position, those of the table."""
    if len(schema) != len(columns):
        raise RedshiftError(
            INTERNAL, f"Spectrum Scan Error: {url} has {len(schema)} columns, and {len(columns)} are to be loaded"
        )
    for column, found in zip(columns, schema, strict=True):
        if not column.takes(found.type):
            raise RedshiftError(
                INTERNAL,
                f"Spectrum Scan Error: {url} has an incompatible Parquet schema for column '{column.name}'. "
                f"Column type: {column.type.upper()}, Parquet schema: {found.name} {found.type}",
            )
