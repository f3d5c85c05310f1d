"""The size bands of a release as numpy columns: read from the model's tables, checked, and ready to be encoded.

Text is held as codes into its distinct values, so that ten million rows fit in memory and every check is a few passes
over arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from include.retries import Lasting

GENDERS = ("female", "male", "unknown")  # in the order of their text, as all codes are: see _sorted
STATES = ("answered", "no_evidence")
HEIGHTS_CM = (140, 200)  # inclusive; the grid that the bands of one product and gender tile
WEIGHTS_KG = (35, 130)

COLUMNS = (
    "mall",
    "product_id",
    "gender",
    "height_cm",
    "weight_from_kg",
    "weight_to_kg",
    "state",
    "size_label",
    "probability",
    "runner_up",
    "runner_up_probability",
    "reviews",
)


class UnreadableTables(Lasting):
    """The model's tables do not have the shape that publishing reads; the message names the column."""


@dataclass(frozen=True)
class Bands:
    """All bands of a release, sorted by product, gender, height and weight."""

    products: list[tuple[str, str]]  # (mall, product_id), what `product` counts
    labels: list[str]  # what `size` and `runner_up` count
    product: np.ndarray  # int32
    gender: np.ndarray  # int32, into GENDERS, -1 where it is none of them
    height_cm: np.ndarray  # int16
    weight_from_kg: np.ndarray  # int16
    weight_to_kg: np.ndarray  # int16
    state: np.ndarray  # int32, into STATES, -1 where it is none of them
    size: np.ndarray  # int32, -1 for NULL
    probability: np.ndarray  # float32, NaN for NULL
    runner_up: np.ndarray  # int32, -1 for NULL
    runner_up_probability: np.ndarray  # float32, NaN for NULL
    reviews: np.ndarray  # int32

    def __len__(self) -> int:
        return len(self.product)


def from_tables(tables: Iterable[pa.Table]) -> Bands:
    """The bands of a model's table parts. Raises UnreadableTables."""
    parts = list(tables)
    for part in parts:
        missing = [name for name in COLUMNS if name not in part.column_names]
        if missing:
            raise UnreadableTables(f"the size tables lack the columns {', '.join(missing)}")
    if not parts:
        raise UnreadableTables("the model has no size tables")
    table = pa.concat_tables([part.select(COLUMNS) for part in parts], promote_options="permissive")
    return _sorted(_columns(table))


def _columns(table: pa.Table) -> Bands:
    products, product = _pairs(table)
    labels: dict[str, int] = {}
    return Bands(
        products=products,
        product=product,
        gender=_known(table, "gender", GENDERS),
        height_cm=_numbers(table, "height_cm", np.int16),
        weight_from_kg=_numbers(table, "weight_from_kg", np.int16),
        weight_to_kg=_numbers(table, "weight_to_kg", np.int16),
        state=_known(table, "state", STATES),
        size=_coded(table, "size_label", labels),
        probability=_shares(table, "probability"),
        runner_up=_coded(table, "runner_up", labels),
        runner_up_probability=_shares(table, "runner_up_probability"),
        reviews=_numbers(table, "reviews", np.int32),
        labels=list(labels),
    )


def _sorted(bands: Bands) -> Bands:
    """Sorted by key: the checks need it, and a primary key over rows that come in its order takes a fifth of the time.

    Codes are in the order of their texts' code points, so that their order is that of PostgreSQL's collation C.
    """
    key = sort_key(bands)
    if len(key) < 2 or bool(np.all(key[1:] >= key[:-1])):
        return bands
    order = np.argsort(key, kind="stable")
    columns = {name: value[order] for name, value in vars(bands).items() if isinstance(value, np.ndarray)}
    return Bands(products=bands.products, labels=bands.labels, **columns)


def sort_key(bands: Bands) -> np.ndarray:
    """One int64 a band that sorts by product, gender, height, weight."""
    table = bands.product.astype(np.int64) * (len(GENDERS) + 1) + bands.gender
    # 512 is above any height and weight that a table holds; what is beyond the grid the checks name
    return (table * 512 + bands.height_cm) * 512 + bands.weight_from_kg


def _dictionary(table: pa.Table, name: str) -> tuple[np.ndarray, list[str]]:
    column = table[name].cast(pa.string()).combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # no rows at all
        column = pa.array([], pa.string())
    encoded = column.dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32), encoded.dictionary.to_pylist()


def _coded(table: pa.Table, name: str, codes: dict[str, int]) -> np.ndarray:
    local, values = _dictionary(table, name)
    return _translate(local, [codes.setdefault(value, len(codes)) for value in values])


def _known(table: pa.Table, name: str, allowed: Sequence[str]) -> np.ndarray:
    local, values = _dictionary(table, name)
    return _translate(local, [allowed.index(value) if value in allowed else -1 for value in values])


def _translate(local: np.ndarray, meaning: Sequence[int]) -> np.ndarray:
    return np.array([*meaning, -1], dtype=np.int32)[local]  # -1 finds the last one: NULL stays -1


def _in_order(codes: np.ndarray, values: list[str]) -> tuple[np.ndarray, list[str]]:
    """The same column with codes that rise with their texts; the codes of NULL are left to the caller's check."""
    order = sorted(range(len(values)), key=values.__getitem__)
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return _translate(codes, place.tolist()), [values[at] for at in order]


def _pairs(table: pa.Table) -> tuple[list[tuple[str, str]], np.ndarray]:
    """The distinct (mall, product_id) in their texts' order, and each row's place among them."""
    mall, malls = _in_order(*_dictionary(table, "mall"))
    product, names = _in_order(*_dictionary(table, "product_id"))
    if len(mall) and (mall.min() < 0 or product.min() < 0):
        raise UnreadableTables("the size tables have rows without mall or product_id")
    joint = mall.astype(np.int64) * max(len(names), 1) + product
    there = np.zeros(max(len(malls) * len(names), 1), dtype=bool)
    there[joint] = True
    found = np.flatnonzero(there)
    place = np.cumsum(there, dtype=np.int32) - 1
    return [(malls[at // len(names)], names[at % len(names)]) for at in found], place[joint]


def _numbers(table: pa.Table, name: str, dtype: type) -> np.ndarray:
    if table[name].null_count:
        raise UnreadableTables(f"the size tables have {table[name].null_count} rows without {name}")
    values = table[name].to_numpy()
    numbers = values.astype(dtype)
    if not np.array_equal(values, numbers):
        raise UnreadableTables(f"{name} has values that are no {np.dtype(dtype).name}")
    return numbers


def _shares(table: pa.Table, name: str) -> np.ndarray:
    return table[name].cast(pa.float32()).to_numpy(zero_copy_only=False).astype(np.float32)
