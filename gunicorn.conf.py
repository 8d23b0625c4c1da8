"""The web server writes its own log lines in the form of the portal's. gunicorn reads this file by itself."""

from typing import Any

from gunicorn.glogging import Logger

from lunarloans import logs


class SameLines(Logger):
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.formatter(readable=False))


logger_class = SameLines
