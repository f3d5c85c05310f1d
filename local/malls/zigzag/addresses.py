"""Host names of the replica, and what the malls file says of it."""

from local.malls.addresses import Addresses

ADDRESSES = Addresses(
    mall="zigzag",
    domain="zigzag.localhost",
    roles={"www": "", "api": "api", "static": "fe", "image": "image"},
    page_roles=("www",),
    image_roles=("image",),
    categories={"474": "tops", "547": "bottoms", "560": "skirt", "507": "dress"},
)
