"""The replica of Musinsa: its hosts, each with its own URLs, JSON shapes, page behaviour and robots.txt."""
