"""robots.txt as www serves it: open but for a few paths. Nobody has recorded those of the other hosts: here
they have none.

Written after the description of the real file (2026-05), not copied from it.
"""

_CLOSED = ("/embed/", "/home/embed/", "/my-page/", "/order/", "/auth/", "/inbox/", "/content/post/preview")

WWW = "\n".join(
    (
        "User-agent: *",
        "Allow: /",
        *(f"Disallow: {path}" for path in _CLOSED),
        "",
        "User-agent: Baiduspider",
        "User-agent: Baiduspider-render",
        "Disallow: /",
        "",
    )
)
