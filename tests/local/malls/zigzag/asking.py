"""Asks the replica's GraphQL as its pages do."""

from __future__ import annotations

from typing import Any

import httpx

from local.malls.app import Malls
from local.malls.goods import Stock
from tests.local.malls.inside import Asker

API = "/api/2/graphql"


class Visitor:
    """One visitor of the replica over a stock; a new one meets a replica that has just been started."""

    def __init__(self, stock: Stock) -> None:
        self._asker = Asker(Malls({"zigzag": stock}))

    def get(self, path: str, host: str = "zigzag.localhost") -> httpx.Response:
        """One document."""
        return self._asker.ask(path, headers={"host": f"{host}:8095"})

    def post(self, path: str, body: Any) -> httpx.Response:
        """One request to the API host."""
        return self._asker.ask(path, method="POST", json=body, headers={"host": "api.zigzag.localhost:8095"})

    def ask(self, operation: str, batch: bool = False, **variables: Any) -> dict[str, Any]:
        """The whole answer to one operation; GraphQL's own errors come with 200 too."""
        asked = {"operationName": operation, "query": f"query {operation} {{ id }}", "variables": variables}
        answer = self.post(f"{API}/{'batch/' if batch else ''}{operation}", [asked] if batch else asked)
        assert answer.status_code == 200, answer.text
        return answer.json()[0] if batch else answer.json()

    def data(self, operation: str, batch: bool = False, **variables: Any) -> dict[str, Any]:
        """`data` of an answer without errors."""
        answer = self.ask(operation, batch, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    def first_page(self, code: str) -> dict[str, Any]:
        """The first page of a category's list."""
        option = {"category_id": code, "page_id": "srp_clp_category"}
        wanted = {"page_key": "srp_clp_category", "render_param_list": [{"type": "DEEPLINK_ENTRY", "option": option}]}
        return self.data("GetCnvPage", batch=True, input=wanted)["result"]

    def next_page(self, layout_id: str, action: dict[str, Any]) -> dict[str, Any]:
        """The whole answer to a further page, asked with what the answer before gave."""
        wanted = {"action_id": "a", **{name: action[name] for name in ("type", "target", "option")}}
        return self.ask("GetCnvPageAction", batch=True, layout_id=layout_id, input_list=[wanted])

    def search(self, product_id: str, cursor: str | None = None, limit: int = 20) -> dict[str, Any]:
        """One page of the search list of reviews."""
        wanted = {
            "product_id": product_id,
            "order": "SCORE_DESC",
            "cursor": {"end_cursor": cursor, "limit_count": limit},
        }
        return self.ask("GetReviewSearchList", batch=True, input=wanted)


def action_of(modules: list[dict[str, Any]]) -> dict[str, Any] | None:
    """How a list goes on; None at its end."""
    found = [action for module in modules for action in module["meta"]["action_list"]]
    assert len(found) <= 1
    return found[0] if found else None


def cards_of(modules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks of product cards, advertisements included."""
    return [module["body"]["product_card"] for module in modules if "product_card" in module["body"]]
