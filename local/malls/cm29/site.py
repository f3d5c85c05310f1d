"""29CM as the server sees it."""

from local.malls.cm29.addresses import ADDRESSES
from local.malls.cm29.hosts import hosts
from local.malls.cm29.reviews import BLINDED
from local.malls.cm29.trade import TRADE
from local.malls.site import ListAnswer, ReplicaSite

SITE = ReplicaSite(
    ADDRESSES,
    TRADE,
    hosts,
    answers=(
        ListAnswer("ranking", "display-bff-api", "/api/v1/plp/best/items", ("data", "list"), ("itemId",)),
        ListAnswer("reviews", "review-api", "/api/v4/reviews", ("data", "results"), ("itemNo",), BLINDED),
    ),
)
