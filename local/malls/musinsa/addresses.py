"""Host names of the replica, and what the malls file says of it."""

from local.malls.addresses import Addresses
from local.malls.musinsa.codes import TOP_CODES

DOMAIN = "musinsa.localhost"
ROLES = ("www", "api", "client", "goods", "goods-detail", "image")

ADDRESSES = Addresses(
    mall="musinsa",
    domain=DOMAIN,
    roles={role.replace("-", "_"): role for role in ROLES},
    page_roles=("www",),
    image_roles=("image",),
    categories={code: ours for ours, (code, _) in TOP_CODES.items()},
    closed=True,
)
