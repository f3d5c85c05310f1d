"""PostgreSQL's binary COPY format, encoded a batch at a time with numpy.

A Python loop over millions of rows would cost more than the whole COPY. Each batch is laid out as a matrix of bytes in
which every row has room for the longest value of each field; the unused bytes are then dropped by one mask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

# The signature, no flags, no header extension; and the end mark (PostgreSQL documentation, COPY, binary format).
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

# A batch's matrix (about 130 bytes a row) stays within the processor's cache of second level and third.
BATCH_ROWS = 16_384

_NULL = np.frombuffer(b"\xff\xff\xff\xff", dtype=np.uint8)


@dataclass(frozen=True)
class Number:
    """A numeric column; its dtype is PostgreSQL's type (int16 smallint, int32, int64 bigint, float32 real)."""

    values: np.ndarray
    null: np.ndarray | None = None  # True where the value is NULL


class Text:
    """A text column as codes into its distinct values; -1 is NULL."""

    def __init__(self, codes: np.ndarray, values: Sequence[str]) -> None:
        self.codes = codes
        encoded = [value.encode() for value in values]
        widest = max((len(value) for value in encoded), default=0)
        # one row a value and a last one for NULL, which code -1 finds: length prefix, bytes, and which of them count
        self.field = np.zeros((len(encoded) + 1, 4 + widest), dtype=np.uint8)
        self.used = np.zeros((len(encoded) + 1, 4 + widest), dtype=bool)
        self.used[:, :4] = True
        for row, value in enumerate(encoded):
            prefixed = len(value).to_bytes(4, "big") + value
            self.field[row, : len(prefixed)] = np.frombuffer(prefixed, dtype=np.uint8)
            self.used[row, : len(prefixed)] = True
        self.field[-1, :4] = _NULL


type Column = Number | Text


def encode(columns: Sequence[Column], rows: int) -> Iterator[bytes]:
    """The rows as the body of a binary COPY, with header and trailer, in pieces of BATCH_ROWS rows."""
    yield HEADER
    for start in range(0, rows, BATCH_ROWS):
        yield _batch(columns, start, min(start + BATCH_ROWS, rows))
    yield TRAILER


def _batch(columns: Sequence[Column], start: int, stop: int) -> bytes:
    widths = [_width(column) for column in columns]
    rows = stop - start
    out = np.empty((rows, 2 + sum(widths)), dtype=np.uint8)
    used = np.ones(out.shape, dtype=bool)
    out[:, :2] = np.frombuffer(len(columns).to_bytes(2, "big"), dtype=np.uint8)
    at = 2
    for column, width in zip(columns, widths, strict=True):
        if isinstance(column, Text):
            codes = column.codes[start:stop]
            out[:, at : at + width] = column.field[codes]
            used[:, at : at + width] = column.used[codes]
        else:
            _put_number(column, start, stop, out[:, at : at + width], used[:, at : at + width])
        at += width
    return out[used].tobytes()


def _width(column: Column) -> int:
    return column.field.shape[1] if isinstance(column, Text) else 4 + column.values.dtype.itemsize


def _put_number(column: Number, start: int, stop: int, out: np.ndarray, used: np.ndarray) -> None:
    size = column.values.dtype.itemsize
    values = column.values[start:stop]
    out[:, :4] = np.frombuffer(size.to_bytes(4, "big"), dtype=np.uint8)
    out[:, 4:] = values.astype(values.dtype.newbyteorder(">")).view(np.uint8).reshape(len(values), size)
    if column.null is not None:
        null = column.null[start:stop]
        out[null, :4] = _NULL
        used[null, 4:] = False
