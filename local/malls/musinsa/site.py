"""Musinsa as the server sees it."""

from local.malls.musinsa.addresses import ADDRESSES
from local.malls.musinsa.hosts import hosts
from local.malls.musinsa.trade import TRADE
from local.malls.site import ListAnswer, ReplicaSite

SITE = ReplicaSite(
    ADDRESSES,
    TRADE,
    hosts,
    answers=(
        ListAnswer("ranking", "client", "/api/home/web/v5/pans/ranking/sections/", ("data", "modules")),
        ListAnswer("reviews", "goods", "/api2/review/v1/view/list", ("data", "list"), ("goods", "goodsNo")),
    ),
)
