"""How the portal logs: one event, one line, whatever a stranger puts into a path or a header; JSON on a server, plain words under DEBUG."""

import logging
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# The same for events of our own and for lines of the packages.
COMMON: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.UnicodeDecoder(errors="replace"),
]


def escape_controls(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Line breaks, escape codes of terminals and marks that turn writing round stay visible instead of acting. Tracebacks keep their lines."""
    return {name: visible(value) if isinstance(value, str) and name != "exception" else value for name, value in event.items()}


def visible(text: str) -> str:
    return text if text.isprintable() else "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def formatter(*, readable: bool) -> logging.Formatter:
    """JSON escapes every control character by itself, in tracebacks as well."""
    last: list[Processor] = (
        [escape_controls, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=COMMON, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    )


def configure(*, readable: bool) -> dict[str, Any]:
    """Prepare structlog, and return Django's LOGGING: everything to stderr, through one handler."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *COMMON, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "lunarloans.logs.formatter", "readable": readable}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"level": "CRITICAL"},  # RequestLog says the same, with the request's number
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            "celery.worker.strategy": {"level": "WARNING"},  # "received": the line at the end of a task is enough
            "fontTools": {"level": "WARNING"},
            "weasyprint": {"level": "WARNING"},
        },
    }
