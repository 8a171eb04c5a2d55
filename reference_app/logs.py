"""JSON lines on stderr: one shape for our own events and for those of the libraries."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from reference_app.settings import Settings

_SECRET_KEYS = re.compile(
    r"password|secret|token|authorization|signature|credential", re.IGNORECASE
)
_IBAN = re.compile(r"\b([A-Z]{2}\d{2})[A-Z0-9]{7,26}([A-Z0-9]{4})\b")

# Per-job chatter of the libraries costs more than the job itself; our own events say it once.
_QUIET_LOGGERS = (
    "rq",
    "rq.worker",
    "rq.job",
    "rq.queue",
    "rq.scheduler",
    "urllib3",
    "httpx",
    "psycopg.pool",
)


def configure_logging(settings: Settings, component: str) -> None:
    """Send everything, ours and foreign, to stderr as JSON with secrets and IBANs masked."""
    level = (
        logging.DEBUG
        if settings.app_debug
        else logging.getLevelNamesMapping()[settings.log_level.upper()]
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        mask,
    ]
    render = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(node=settings.node_name, component=component)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank out secrets by key, and IBANs wherever they stand in a text."""
    for key, value in event.items():
        if _SECRET_KEYS.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = mask_ibans(value)
    return event


def mask_ibans(text: str) -> str:
    """Keep the country, check digits and last four of every IBAN in a text."""
    return _IBAN.sub(r"\1****\2", text)
