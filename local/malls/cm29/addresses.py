"""Host names of the replica, and what the malls file says of it."""

from local.malls.addresses import Addresses
from local.malls.cm29.codes import MIDDLE, RANKED

ADDRESSES = Addresses(
    mall="29cm",
    domain="29cm.localhost",
    roles={
        "www": "www",
        "product": "product",
        "display_bff_api": "display-bff-api",
        "bff_api": "bff-api",
        "review_api": "review-api",
        "img": "img",
    },
    page_roles=("www",),
    image_roles=("img",),
    categories={code: MIDDLE[code][0] for code in RANKED},
)
