"""Zigzag as the server sees it."""

from local.malls.site import ListAnswer, ReplicaSite
from local.malls.zigzag.addresses import ADDRESSES
from local.malls.zigzag.hosts import hosts
from local.malls.zigzag.trade import TRADE

_GRAPHQL = "/api/2/graphql/batch/"

SITE = ReplicaSite(
    ADDRESSES,
    TRADE,
    hosts,
    answers=(
        ListAnswer(
            "ranking",
            "api",
            f"{_GRAPHQL}GetCnvPageAction",
            (0, "data", "result", "module_spec_update_list", 0, "module_spec_list"),
        ),
        ListAnswer("ranking", "api", f"{_GRAPHQL}GetCnvPage", (0, "data", "result", "module_spec_list")),
        ListAnswer(
            "reviews",
            "api",
            f"{_GRAPHQL}GetReviewSearchList",
            (0, "data", "ux_review_search_list", "component_list"),
            ("review", "product_id"),
            {"review": {"display_limited": True, "contents": ""}},
        ),
    ),
)
