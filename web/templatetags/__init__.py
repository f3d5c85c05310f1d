"""Django finds template tags in this package."""
