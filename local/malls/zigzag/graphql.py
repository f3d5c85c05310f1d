"""The GraphQL of the replica: one operation a request or an array of them. Errors come with HTTP 200, as usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local.malls.faults import Faults
from local.malls.goods import Product, Review, Stock
from local.malls.zigzag import listing, product, reviews
from local.malls.zigzag.marks import Marks


class Refused(ValueError):
    """A request that the mall answers with `errors`."""


class Api:
    """The operations over one stock."""

    def __init__(self, stock: Stock, faults: Faults, marks: Marks) -> None:
        self._stock, self._faults, self._marks = stock, faults, marks
        self._operations = {
            "GetCnvPage": self._first_page,
            "GetCnvPageAction": self._next_page,
            "GetCatalogProductDetailPageOption": self._options,
            "GetPdpIntegratedData": self._details,
            "GetReviewSearchList": self._search_list,
            "GetNormalReviewFeedList": self._feed,
        }

    def answer(self, operation: str, asked: Any, image: str) -> dict[str, Any]:
        """`{"data": …}`, or `{"errors": […], "data": null}` for what cannot be answered. `image`: the image host."""
        try:
            if operation not in self._operations:
                raise Refused(f"Unknown operation named {operation!r}.")
            if not isinstance(asked, Mapping) or not isinstance(asked.get("query"), str):
                raise Refused("Must provide query string.")
            found = asked.get("variables")
            return {"data": self._operations[operation](found if isinstance(found, Mapping) else {}, image)}
        except Refused as error:
            return {"errors": [{"message": str(error), "extensions": {"code": "BAD_USER_INPUT"}}], "data": None}

    def _first_page(self, asked: Mapping[str, Any], image: str) -> dict[str, Any]:
        wanted = _object(asked, "input")
        if wanted.get("page_key") != "srp_clp_category":
            raise Refused("Unknown page_key.")
        parameters = wanted.get("render_param_list")
        first = parameters[0] if isinstance(parameters, list) and parameters else {}
        code = str(_object(first, "option").get("category_id"))
        return {"result": listing.first_page(self._stock, self._marks, code, self._ranking(code), image)}

    def _next_page(self, asked: Mapping[str, Any], image: str) -> dict[str, Any]:
        actions = asked.get("input_list")
        action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], Mapping) else {}
        slot = _object(action, "target").get("module_slot_id")
        if asked.get("layout_id") != self._marks.layout or slot != self._marks.list_slot:
            raise Refused("Layout or module slot is not valid.")
        where = listing.place(self._marks, _object(_object(action, "option"), "server_option"))
        if action.get("type") != "PAGINATION" or where is None:
            raise Refused("server_option is not valid.")
        code, offset = where
        ids, action_id = self._ranking(code), str(action.get("action_id"))
        return {"result": listing.next_page(self._stock, self._marks, code, ids, offset, image, action_id)}

    def _options(self, asked: Mapping[str, Any], image: str) -> dict[str, Any]:
        return product.options(self._product(asked.get("catalog_product_id")), image)

    def _details(self, asked: Mapping[str, Any], image: str) -> dict[str, Any]:
        return product.details(self._stock, self._product(asked.get("catalog_product_id")))

    def _search_list(self, asked: Mapping[str, Any], image: str) -> dict[str, Any]:
        wanted = _object(asked, "input")
        found, cursor = self._product(wanted.get("product_id")), _object(wanted, "cursor")
        mark, limit = cursor.get("end_cursor"), _whole(cursor, "limit_count", reviews.PAGE_LIMIT)
        start = 0 if mark is None else self._marks.place(found.product_id, str(mark))
        if start is None:
            raise Refused("end_cursor is not valid.")
        shown = self._reviews(found)
        return reviews.search_list(self._stock, self._marks, found, shown, start, limit, image)

    def _feed(self, asked: Mapping[str, Any], image: str) -> dict[str, Any]:
        found, limit = self._product(asked.get("product_id")), _whole(asked, "limit_count", reviews.FEED_LIMIT)
        skip = asked.get("skip_count") or 0
        if not isinstance(skip, int) or skip < 0:
            raise Refused("skip_count is not valid.")
        return reviews.feed(self._stock, self._reviews(found), skip, limit, image)

    def _product(self, number: Any) -> Product:
        found = self._stock.products.get(str(number))
        if found is None:
            raise Refused("존재하지 않는 상품입니다.")
        return found

    def _ranking(self, code: str) -> Sequence[str]:
        return () if self._faults.ranking_is_empty(code) else self._stock.rankings.get(code, ())

    def _reviews(self, found: Product) -> Sequence[Review]:
        return () if self._faults.has_no_reviews(found.product_id) else self._stock.reviews_of(found.product_id)


def _object(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = values.get(key)
    return found if isinstance(found, Mapping) else {}


def _whole(values: Mapping[str, Any], key: str, limit: int) -> int:
    found = values.get(key)
    if not isinstance(found, int) or not 1 <= found <= limit:
        raise Refused(f"{key} must be from 1 to {limit}.")
    return found
