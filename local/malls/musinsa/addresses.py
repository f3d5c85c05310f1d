"""Host names of the replica; apart from the rest so that settings can be written without loading the replica."""

DOMAIN = "musinsa.localhost"
ROLES = ("www", "api", "client", "goods", "goods-detail", "image")
