"""One JSON line per event; only keys that cannot hold health data pass."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

ALLOWED = ("request_id", "method", "route", "status", "milliseconds", "event", "host", "port", "version", "fault")
LOGGER = logging.getLogger("singula.serve")


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON; a traceback's text never passes, only the kind of fault and where it happened."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        line |= {key: getattr(record, key) for key in ALLOWED if hasattr(record, key)}
        if record.exc_info and record.exc_info[1] is not None:
            line["fault"] = _fault_words(record.exc_info[1])
        if "event" not in line:
            line["event"] = record.name
        return orjson.dumps(line).decode()


def _fault_words(fault: BaseException) -> str:
    last = fault.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = f"{last.tb_frame.f_code.co_qualname}:{last.tb_lineno}" if last else ""
    return f"{type(fault).__name__} in {where}"


def start_logs(level: str) -> None:
    """Send the server's events to standard error; libraries' own messages do not pass."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    LOGGER.handlers = [handler]
    LOGGER.setLevel(level.upper())
    LOGGER.propagate = False


def note(event: str, **values: Any) -> None:
    """Write one event; keys that are not allowed are left out."""
    LOGGER.info(event, extra={"event": event, **{key: value for key, value in values.items() if key in ALLOWED}})
