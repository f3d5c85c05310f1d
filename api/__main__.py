"""`python -m api`: the API under uvicorn, with the page's log lines. OTTO_READER_DSN names the serving database."""

from __future__ import annotations

import argparse

import uvicorn

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "web.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010)
    options = parser.parse_args()
    # our own line takes the place of uvicorn's, which would carry the query
    uvicorn.run("api.app:app", host=options.host, port=options.port, log_config=LOGGING, access_log=False)


if __name__ == "__main__":
    main()
