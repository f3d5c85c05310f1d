"""The thin web layer: it reads the published views and nothing else, and writes to no database."""
