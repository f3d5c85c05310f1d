"""The malls file (the format of include/malls.toml) that points Otto at the replicas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from local.malls.addresses import Addresses
from local.malls.cm29.addresses import ADDRESSES as CM29
from local.malls.musinsa.addresses import ADDRESSES as MUSINSA
from local.malls.review_file import RANKING_CODE
from local.malls.zigzag.addresses import ADDRESSES as ZIGZAG

ADDRESSES: dict[str, Addresses] = {addresses.mall: addresses for addresses in (MUSINSA, CM29, ZIGZAG)}


def malls_toml(port: int, reviews: bool = False) -> str:
    """Settings for the replicas on `port`. `reviews`: they serve a file of reviews, as Musinsa alone, whose one ranking
    is `other`.

    The robots.txt of the replicas forbids what the real ones forbid; a permission holds for their own names only.
    """
    served = (MUSINSA,) if reviews else tuple(ADDRESSES.values())
    header = "# Written for the replica malls on this machine (local/malls)."
    tables = [_table(mall, port, {RANKING_CODE: "other"} if reviews else mall.categories) for mall in served]
    return "\n".join((header, *(line for table in tables for line in table), ""))


def _table(mall: Addresses, port: int, categories: Mapping[str, str]) -> list[str]:
    lines = [
        f"[{mall.mall}]",
        "pages_per_second = 50.0",
        'user_agent = "OttoSizeBot/0.1 (size research; the replica malls of this machine)"',
        f"page_hosts = [{_quoted(mall.host(role) for role in mall.page_roles)}]",
        f"image_hosts = [{_quoted(mall.host(role) for role in mall.image_roles)}]",
        "",
        f"[{mall.mall}.origins]",
        *(f'{role} = "{mall.origin(role, port)}"' for role in mall.roles),
        "",
        f"[{mall.mall}.categories]",
        *(f'"{code}" = "{ours}"' for code, ours in categories.items()),
        "",
    ]
    if mall.closed:
        lines += [
            f"[[{mall.mall}.permissions]]",
            f'host = "*.{mall.domain}"',
            'granted_by = "the operator of this machine, whose own replica it is"',
            "granted_on = 2026-01-01",
            "valid_until = 2099-12-31",
            'scope = "everything, 50 pages a second a host"',
            "",
        ]
    return lines


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
