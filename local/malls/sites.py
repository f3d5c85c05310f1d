"""The replica malls that are served. A further one is an entry here and in malls_file.py (docs/replica_malls.md)."""

from __future__ import annotations

from local.malls.cm29.site import SITE as CM29
from local.malls.musinsa.site import SITE as MUSINSA
from local.malls.site import ReplicaSite
from local.malls.zigzag.site import SITE as ZIGZAG

SITES: dict[str, ReplicaSite] = {site.addresses.mall: site for site in (MUSINSA, CM29, ZIGZAG)}
