"""What the replica malls serve, and what happens when that changes."""

import argparse
import io
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from local import malls_choice, s3
from local.stack import DEFAULT_PORTS, MallOptions, Stack, StackError
from tests.stack import running_stack

_ROWS = "item_id,height,weight,size,gender\n1,177cm,85kg,L 구매,남성\n"


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text(_ROWS, encoding="utf-8")
    monkeypatch.setenv("OTTO_CALLER", str(tmp_path))
    return path


def _options(**said: object) -> argparse.Namespace:
    names = ("reviews", "products", "reviews_per_product", "seed", "delay_ms")
    return argparse.Namespace(**(dict.fromkeys(names) | said))


def _apply(stack: Stack, keep: bool = False, **said: object) -> str:
    told = io.StringIO()
    malls_choice.apply(stack, _options(**said), Console(file=told, width=200), keep)
    return told.getvalue()


def test_a_relative_review_file_is_meant_from_the_callers_folder(tmp_path: Path, reviews: Path) -> None:
    stack = Stack(tmp_path / "state", dict(DEFAULT_PORTS))
    _apply(stack, reviews="reviews.csv")
    assert stack.malls.reviews == str(reviews)
    assert len(stack.malls.reviews_digest or "") == 64


def test_a_review_file_that_is_not_there_is_named(tmp_path: Path, reviews: Path) -> None:
    with pytest.raises(StackError, match=r"absent\.csv cannot be read .* REVIEWS"):
        _apply(Stack(tmp_path / "state", dict(DEFAULT_PORTS)), reviews="absent.csv")


def test_a_review_file_without_its_columns_is_refused_before_anything_is_emptied(tmp_path: Path, reviews: Path) -> None:
    reviews.write_text("item_id,size\n1,L\n", encoding="utf-8")
    stack = Stack(tmp_path / "state", dict(DEFAULT_PORTS))
    with pytest.raises(StackError, match="nothing was changed"):
        _apply(stack, reviews="reviews.csv")
    assert stack.malls == MallOptions()


def test_a_start_keeps_what_is_not_said_and_a_demo_does_not(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "state", dict(DEFAULT_PORTS), MallOptions(products=7))
    _apply(stack, keep=True, seed=3)
    assert stack.malls == MallOptions(products=7, seed=3)
    _apply(stack, keep=False)
    assert stack.malls == MallOptions()


@pytest.mark.slow
def test_another_review_file_empties_lake_and_databases_after_saying_so_and_the_same_one_does_not(
    tmp_path: Path, reviews: Path
) -> None:
    with running_stack(tmp_path, "--only", "postgres", "s3", OTTO_CALLER=str(tmp_path)) as stack:
        client = s3.client(stack.stack.url("s3"), stack.credentials.s3_access_key, stack.credentials.s3_secret_key)
        publisher = stack.stack.dsn("rds", "otto_publisher", stack.credentials.otto_publisher)

        def fill() -> None:
            client.put_object(Bucket="otto-lake", Key="old", Body=b"x")
            with psycopg.connect(publisher) as connection:
                connection.execute("CREATE TABLE public.old (n int)")

        def left() -> tuple[int, bool]:
            with psycopg.connect(publisher) as connection:
                table = connection.execute("SELECT to_regclass('public.old')").fetchone()
            return client.list_objects_v2(Bucket="otto-lake")["KeyCount"], table != (None,)

        fill()
        said = stack.local("up", "--only", "postgres", "s3", "--reviews", "reviews.csv").stdout
        assert "emptied" in said
        assert left() == (0, False)
        fill()
        copy = reviews.rename(tmp_path / "moved.csv")
        said = stack.local("up", "--only", "postgres", "s3", "--reviews", copy.name).stdout
        assert "emptied" not in said
        assert left() == (1, True)
