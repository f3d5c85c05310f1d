"""robots.txt as the real mall's hosts serve it: a white list, all others refused. The API hosts have none (404).

Written after the description of the real file (2026-05), not copied from it.
"""

_FULL = (
    "Applebot",
    "facebookexternalhit",
    "Twitterbot",
    "OAI-SearchBot",
    "ChatGPT-User",
    "Claude-User",
    "Claude-SearchBot",
    "Perplexity-User",
)
_PARTIAL = (
    "Googlebot",
    "Yeti",
    "NaverBot",
    "Daum",
    "Bingbot",
    "CCBot",
    "GPTBot",
    "ClaudeBot",
    "PerplexityBot",
    "Amazonbot",
)
_CLOSED = ("/auth/", "/mypage/", "/like/", "/showcase/", "/fashiontalk/", "/festival/")


def _group(agents: tuple[str, ...], rules: tuple[str, ...]) -> str:
    return "\n".join([*(f"User-agent: {agent}" for agent in agents), *rules]) + "\n"


WWW = "\n".join(
    (
        "# Last Updated 2026.05.13",
        _group(_FULL, ("Allow: /",)),
        _group(_PARTIAL, tuple(f"Disallow: {path}" for path in _CLOSED)),
        _group(("Baiduspider",), ("Disallow: /",)),
        _group(("*",), ("Disallow: /",)),
    )
)

GOODS_DETAIL = _group(("*",), ("Disallow: /",))
