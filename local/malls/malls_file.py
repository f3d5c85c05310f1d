"""The malls file (the format of include/malls.toml) that points Otto at the replicas."""

from __future__ import annotations

from local.malls import words
from local.malls.musinsa.addresses import DOMAIN, ROLES
from local.malls.review_file import RANKING_CODE


def malls_toml(port: int, reviews: bool = False) -> str:
    """Settings for the replicas on `port`. `reviews`: they serve a file of reviews, whose one ranking is `other`.

    The robots.txt of the replicas forbids what the real ones forbid; the permission holds for their own names only.
    """
    categories = {RANKING_CODE: "other"} if reviews else {code: ours for ours, (code, _) in words.TOP_CODES.items()}
    origins = [f'{role.replace("-", "_")} = "http://{role}.{DOMAIN}:{port}"' for role in ROLES]
    return "\n".join(
        (
            "# Written for the replica malls on this machine (local/malls).",
            "[musinsa]",
            "pages_per_second = 50.0",
            'user_agent = "OttoSizeBot/0.1 (size research; the replica malls of this machine)"',
            f'page_hosts = ["www.{DOMAIN}"]',
            f'image_hosts = ["image.{DOMAIN}"]',
            "",
            "[musinsa.origins]",
            *origins,
            "",
            "[musinsa.categories]",
            *(f'"{code}" = "{ours}"' for code, ours in categories.items()),
            "",
            "[[musinsa.permissions]]",
            f'host = "*.{DOMAIN}"',
            'granted_by = "the operator of this machine, whose own replica it is"',
            "granted_on = 2026-01-01",
            "valid_until = 2099-12-31",
            'scope = "everything, 50 pages a second a host"',
            "",
        )
    )
