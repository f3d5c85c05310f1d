"""Replica malls: small sites that behave like the real ones in what matters to a scraper."""

from local.malls.malls_file import malls_toml

__all__ = ["malls_toml"]
