"""Which addresses from a mall's pages may be shown: http(s) on the hosts that the mall's settings list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from include.publish.text import plain
from include.settings import Mall

# Signs that browsers, urlsplit and people read differently; beyond ASCII `plain` knows them.
_MISREAD = re.compile(r"""[\x00-\x20\x7f\\"'<>]""")


def image(url: str | None, mall: Mall | None) -> str | None:
    """The image's address if a page of ours may show it, else None."""
    return url if url and mall and _on(url, mall.image_hosts) else None


def page(url: str | None, mall: Mall | None) -> str | None:
    """The product page's address if a page of ours may link to it, else None."""
    return url if url and mall and _on(url, mall.page_hosts) else None


def image_sources(malls: Mapping[str, Mall]) -> list[str]:
    """Scheme and host (with port) of every image host, as a content security policy names them."""
    origins = [urlsplit(origin) for mall in malls.values() for origin in mall.origins.values()]
    hosts = {host.lower() for mall in malls.values() for host in mall.image_hosts}
    known = {f"{origin.scheme}://{origin.netloc}" for origin in origins if {origin.hostname, origin.netloc} & hosts}
    named = {urlsplit(source).hostname for source in known} | {urlsplit(source).netloc for source in known}
    return sorted(known | {f"https://{host}" for host in hosts - named})


def _on(url: str, hosts: tuple[str, ...]) -> bool:
    if _MISREAD.search(url) or (not url.isascii() and plain(url) != url):
        return False
    try:
        parts = urlsplit(url)
        names = {(parts.hostname or "").lower(), parts.netloc.lower()}
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "@" not in parts.netloc and bool(names & {h.lower() for h in hosts})
