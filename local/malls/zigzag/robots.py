"""robots.txt of the page host: open to all but one. The API and the image host have none (404).

Written after the description of the real file (2026-09), not copied from it.
"""

WWW = "User-agent: *\nAllow: /\n\nUser-agent: GPTBot\nDisallow: /\n"
