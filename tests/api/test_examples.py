"""The examples of the documentation have the documented shapes: pure."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from api import examples, shapes


@pytest.mark.parametrize(
    ("shape", "example"),
    [
        (shapes.LiveRelease, examples.RELEASE),
        (shapes.ProductList, examples.PRODUCT_LIST),
        (shapes.OneProduct, examples.ONE_PRODUCT),
        (shapes.Sizes, examples.SIZES),
        (shapes.Problem, examples.PROBLEM),
        (shapes.Question, shapes.Question.model_config["json_schema_extra"]["example"]),  # type: ignore[index]
    ],
)
def test_an_example_is_what_its_shape_says(shape: type[BaseModel], example: dict[str, Any]) -> None:
    known = set(shape.model_fields)
    assert set(example) <= known
    assert shape.model_validate(example)
    assert shape.model_json_schema()["example"] == example
