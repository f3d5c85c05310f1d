"""The replica of 29CM: its hosts, each with its own URLs, JSON shapes, page behaviour and robots.txt."""
