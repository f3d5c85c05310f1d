"""The stock of a mall whose reviews come from a file (`REVIEWS=path`): columns item_id, height, weight, size, gender.

The texts are served exactly as they stand in the file, wrong ones too ("23.10.09" as a size, a skin type as a gender):
what is a size and what is not is for the scraper to decide. What the file does not tell stays unknown.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from local.malls.goods import Product, Review, Stock

COLUMNS = ("item_id", "height", "weight", "size", "gender")
RANKING_CODE = "000000"  # the mall's code for everything
_PRODUCT_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")


class ReviewFileError(ValueError):
    """The file of reviews cannot be served; the message names the file, what was found and what to do."""


def read(path: Path) -> Stock:
    """The stock that a .csv or .csv.gz file describes. Raises ReviewFileError before anything is served."""
    reviews: dict[str, list[Review]] = {}
    for number, row in enumerate(_rows(path), 1):
        product_id = _product_id(row["item_id"], path, number)
        reviews.setdefault(product_id, []).append(_review(number, product_id, row))
    if not reviews:
        raise ReviewFileError(f"{path}: no review in it, only the header; give a file with at least one row")
    products = {number: Product(product_id=number, group=number, name=f"Product {number}") for number in reviews}
    ranking = sorted(products, key=lambda number: (-len(reviews[number]), number))
    return Stock(
        products=products,
        rankings={RANKING_CODE: ranking},
        siblings={number: (number,) for number in products},
        reviews=reviews,
        numbered=False,
        codes={RANKING_CODE: "전체"},
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """The data rows as texts, each with every column."""
    if not path.name.endswith((".csv", ".csv.gz")):
        raise ReviewFileError(f"{path}: the name ends neither in .csv nor in .csv.gz; give such a file")
    try:
        opened = gzip.open if path.name.endswith(".gz") else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as source:
            reader = csv.DictReader(source, strict=True)
            _check_header(path, reader.fieldnames or [])
            for row in reader:
                if None in row or None in row.values():
                    raise ReviewFileError(
                        f"{path}: line {reader.line_num} has another number of fields than the header; repair that line"
                    )
                yield row
    except UnicodeDecodeError as error:
        raise ReviewFileError(
            f"{path}: not UTF-8 ({error.reason}, byte 0x{error.object[error.start]:02x}); save the file as UTF-8"
        ) from error
    except (OSError, EOFError) as error:
        raise ReviewFileError(f"{path}: cannot be read ({error}); check the path and that the file is whole") from error
    except csv.Error as error:
        raise ReviewFileError(f"{path}: not a CSV file ({error}); save it as comma-separated text") from error


def _check_header(path: Path, found: Sequence[str]) -> None:
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise ReviewFileError(
            f"{path}: column {', '.join(missing)} missing; found {', '.join(found) or 'no header'}; "
            f"the header must name {', '.join(COLUMNS)}"
        )


def _product_id(text: str, path: Path, number: int) -> str:
    if not _PRODUCT_ID.fullmatch(text):
        raise ReviewFileError(
            f"{path}: data row {number} has item_id {text[:60]!r}; an item_id is 1 to 40 letters, digits, - or _"
        )
    return sys.intern(text)


def _review(number: int, product_id: str, row: dict[str, str]) -> Review:
    # Interned: 44,000 rows hold some hundred different texts.
    return Review(
        review_id=f"{number:09d}",
        product_id=product_id,
        gender=sys.intern(row["gender"]),
        height=sys.intern(row["height"]),
        weight=sys.intern(row["weight"]),
        size_option=sys.intern(row["size"]),
    )
