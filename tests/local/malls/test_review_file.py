"""A file of reviews is served as it stands, or refused at the start with one clear sentence."""

import gzip
from pathlib import Path

import pytest

from local.malls.review_file import ReviewFileError, read

HEADER = "item_id,height,weight,size,gender\n"
ROWS = "22,177cm,85kg,L 구매,남성\n11,164cm,50kg,S 구매,여성\n22,지성,177cm,23.10.09,봄 웜톤\n"


def _file(folder: Path, text: str, name: str = "reviews.csv") -> Path:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("name", ["reviews.csv", "reviews.csv.gz"])
def test_rows_are_numbered_from_one_and_keep_their_raw_texts(tmp_path: Path, name: str) -> None:
    stock = read(_file(tmp_path, HEADER + ROWS, name))
    reviews = {review.review_id: review for product in stock.reviews.values() for review in product}
    assert sorted(reviews) == ["000000001", "000000002", "000000003"]
    wrong = reviews["000000003"]
    assert (wrong.product_id, wrong.height, wrong.weight, wrong.size_option, wrong.gender) == (
        "22",
        "지성",
        "177cm",
        "23.10.09",
        "봄 웜톤",
    )
    assert (wrong.rating, wrong.created_at, wrong.fit_answer) == (None, None, None)


def test_the_one_ranking_is_ordered_by_the_number_of_rows(tmp_path: Path) -> None:
    stock = read(_file(tmp_path, HEADER + "9,1,1,S,a\n" + ROWS))
    assert {code: list(ids) for code, ids in stock.rankings.items()} == {"000000": ["22", "11", "9"]}


def test_what_the_file_does_not_tell_stays_unknown(tmp_path: Path) -> None:
    product = read(_file(tmp_path, HEADER + ROWS)).products["22"]
    assert product.name == "Product 22"
    assert (product.brand, product.category, product.price_krw, product.gender, product.axes) == (None,) * 4 + ((),)


def test_columns_may_stand_in_another_order_among_others_after_a_byte_order_mark(tmp_path: Path) -> None:
    text = '\ufeffgender,note,size,weight,height,item_id\n남성,"a,\nb",M,70kg,175cm,5\n'
    (review,) = read(_file(tmp_path, text)).reviews["5"]
    assert (review.review_id, review.height, review.weight, review.size_option) == ("000000001", "175cm", "70kg", "M")


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (b"item_id,height,size\n1,2,3\n", "a.csv", "column weight, gender missing; found item_id, height, size"),
        (b"", "a.csv", "found no header"),
        (HEADER.encode(), "a.csv", "no review in it"),
        (HEADER.encode() + "1,177cm,85kg,L 구매,남성\n".encode("cp949"), "a.csv", "not UTF-8"),
        (HEADER.encode() + b"1,177cm,85kg\n", "a.csv", "line 2 has another number of fields"),
        (HEADER.encode() + b"1,177cm,85kg,L,m,too much\n", "a.csv", "line 2 has another number of fields"),
        (HEADER.encode() + b",177cm,85kg,L,m\n", "a.csv", "data row 1 has item_id ''"),
        (HEADER.encode() + b"../x,177cm,85kg,L,m\n", "a.csv", "data row 1 has item_id '../x'"),
        (HEADER.encode() + b'1,177cm,85kg,"L,m\n', "a.csv", "not a CSV file"),
        (gzip.compress((HEADER + ROWS * 500).encode())[:-40], "a.csv.gz", "cannot be read"),
        (HEADER.encode(), "a.csv.gz", "cannot be read"),
        (HEADER.encode(), "a.xlsx", "neither in .csv nor in .csv.gz"),
    ],
)
def test_a_file_that_cannot_be_served_is_refused_by_name(tmp_path: Path, content: bytes, name: str, found: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReviewFileError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert found in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_absent_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ReviewFileError, match="cannot be read"):
        read(tmp_path / "absent.csv")
