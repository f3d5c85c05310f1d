"""Log lines as JSON, one object a line: what was asked and how it went, never who asked or with which body."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

# What a caller may add with `extra`; nothing else of a record is written.
_FIELDS = ("method", "path", "status", "milliseconds")


class JsonLines(logging.Formatter):
    """A record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
