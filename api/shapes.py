"""What goes into the API and, for its documentation, what comes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api import examples
from include.settings import CATEGORIES

MOST_PRODUCTS = 200

# PostgreSQL's text takes no NUL; nothing longer than the warehouse's columns can be there
Key = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Category = Literal[CATEGORIES]  # type: ignore[valid-type]


class Asked(BaseModel):
    """One product, as its mall numbers it."""

    model_config = ConfigDict(extra="forbid")

    mall: Key
    product_id: Key


class Question(BaseModel):
    """One body and the products to answer for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "height_cm": 172,
                "weight_kg": 68,
                "gender": "male",
                "products": [{"mall": "musinsa", "product_id": "1000000"}],
            }
        },
    )

    height_cm: Annotated[float, Field(ge=60, le=260, allow_inf_nan=False)]
    weight_kg: Annotated[float, Field(ge=15, le=350, allow_inf_nan=False)]
    gender: Literal["male", "female", "unknown"] = "unknown"
    products: Annotated[list[Asked], Field(min_length=1, max_length=MOST_PRODUCTS)]


class Size(BaseModel):
    """The answer for one product."""

    model_config = ConfigDict(json_schema_extra={"example": examples.SIZE})

    mall: str
    product_id: str
    state: Literal["answered", "no_evidence", "unknown_product", "outside_grid"]
    size: str | None = Field(description="the advised size: the median of the size distribution")
    probability: float | None
    runner_up: str | None
    runner_up_probability: float | None
    reviews: int | None = Field(description="accepted reviews of this product within 5 cm and 5 kg")
    table_gender: str | None = Field(description="whose table answered: the one asked for, or unknown (all buyers)")
    release_id: int


class Sizes(BaseModel):
    """All answers, in the order asked, all of one release."""

    model_config = ConfigDict(json_schema_extra={"example": examples.SIZES})

    release_id: int
    sizes: list[Size]


class LiveRelease(BaseModel):
    """The live release."""

    model_config = ConfigDict(json_schema_extra={"example": examples.RELEASE})

    release_id: int
    run_date: date
    model_version: str
    products: int
    rows: int
    live_from: datetime


class ProductShape(BaseModel):
    """One product."""

    model_config = ConfigDict(json_schema_extra={"example": examples.PRODUCT})

    mall: str
    product_id: str
    name: str
    brand: str | None
    category: str | None
    gender: str | None
    price_krw: int | None
    image_url: str | None
    product_url: str | None
    size_run: list[str] | None
    fit_advice: str | None
    fit_share: float | None
    reviews: int
    reviewed_until: date | None
    sold_out: list[str] | None


class ProductList(BaseModel):
    """A page of products; `next` is the address of the following one."""

    model_config = ConfigDict(json_schema_extra={"example": examples.PRODUCT_LIST})

    release_id: int
    products: list[ProductShape]
    next: str | None


class Ranked(BaseModel):
    """A place in a ranking."""

    category: str
    rank: int


class OneProduct(BaseModel):
    """One product with its size chart and its places."""

    model_config = ConfigDict(json_schema_extra={"example": examples.ONE_PRODUCT})

    release_id: int
    product: ProductShape
    size_chart: list[dict] | None
    ranks: list[Ranked]


class Fault(BaseModel):
    """One part of a request that has not the documented shape; never its value, which may be somebody's body."""

    where: str
    reason: str


class Problem(BaseModel):
    """RFC 9457."""

    model_config = ConfigDict(json_schema_extra={"example": examples.PROBLEM})

    type: str
    title: str
    status: int
    detail: str
    faults: list[Fault] | None = Field(None, description="with status 422: where and why")
