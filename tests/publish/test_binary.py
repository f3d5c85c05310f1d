"""The binary COPY encoder, against PostgreSQL's own reading of it."""

from __future__ import annotations

import numpy as np
import psycopg
import pytest

from include.publish import binary
from include.publish.binary import Number, Text


def test_one_row_is_laid_out_as_postgresql_documents_it() -> None:
    columns = [Number(np.array([-2], dtype=np.int16)), Text(np.array([0]), ["가"]), Text(np.array([-1]), ["x"])]
    body = b"".join(binary.encode(columns, 1))
    row = b"\x00\x03" + b"\x00\x00\x00\x02\xff\xfe" + b"\x00\x00\x00\x03\xea\xb0\x80" + b"\xff\xff\xff\xff"
    assert body == binary.HEADER + row + b"\xff\xff"


def test_no_rows_are_a_header_and_a_trailer() -> None:
    columns = [Number(np.array([], dtype=np.int32)), Text(np.array([], dtype=np.int32), [])]
    assert b"".join(binary.encode(columns, 0)) == binary.HEADER + binary.TRAILER


@pytest.mark.slow
def test_postgresql_reads_back_every_value(database: str) -> None:
    rows = 3 * binary.BATCH_ROWS + 7
    random = np.random.default_rng(5)
    texts = ["", "M", "2XL", "이름 ' \" \\ \t", "x" * 300]
    small = random.integers(-32768, 32767, rows, dtype=np.int16)
    big = random.integers(-(2**62), 2**62, rows, dtype=np.int64)
    share = random.random(rows, dtype=np.float32)
    null = random.random(rows) < 0.3
    codes = random.integers(-1, len(texts), rows)
    columns = [Number(small), Number(big), Number(share, null), Text(codes, texts)]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE target (place SERIAL, small INT2, big INT8, share FLOAT4, word TEXT)")
        with connection.cursor() as cursor:
            with cursor.copy("COPY target (small, big, share, word) FROM STDIN (FORMAT BINARY)") as copy:
                for piece in binary.encode(columns, rows):
                    copy.write(piece)
            found = cursor.execute("SELECT small, big, share, word FROM target ORDER BY place", binary=True).fetchall()
    words = [None if code < 0 else texts[code] for code in codes]
    shares = [None if missing else float(value) for value, missing in zip(share, null, strict=True)]
    assert found == list(zip(small.tolist(), big.tolist(), shares, words, strict=True))
