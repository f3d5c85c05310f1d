"""The replica of Zigzag: its hosts, its GraphQL, page behaviour and robots.txt."""
