"""Log files of bounded size: what the app did, and what processes printed. No message of level info or warning holds
what a model or a document said.

`logs/app.log` in the home is the app's own. A process in the background prints into a file beside its journal.
"""

from __future__ import annotations

import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES = 1_000_000
"""A file is set aside when it has become this large."""
KEPT = 4
"""Files of the app that were set aside and are kept; of a process's output it is one."""
LINE_MAX = 4_000
"""Characters of one message; a traceback is cut, too."""

_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class PlainFormatter(logging.Formatter):
    """One line a message, in which nothing can move a terminal's cursor or pretend to be another message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if len(text) > LINE_MAX:
            text = f"{text[:LINE_MAX]}… ({len(text) - LINE_MAX:,} characters left out)"
        return _CONTROLS.sub("�", text).replace("\n", "\n    ")


def open_app_log(folder: Path) -> logging.Handler | None:
    """Write messages of the program from level info on to `app.log` in `folder`; None when the disk refuses.

    The app works without a log. Close it with `close_app_log`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "app.log", maxBytes=LOG_BYTES, backupCount=KEPT, encoding="utf-8", errors="replace"
        )
    except OSError as error:
        logging.getLogger(__name__).warning("no log file in %s: %s", folder, error.strerror)
        return None
    handler.namer = lambda name: re.sub(r"\.log\.(\d+)$", r".\1.log", name)
    handler.setFormatter(PlainFormatter())
    handler.setLevel(logging.INFO)
    logger = logging.getLogger("autodata")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    return handler


def close_app_log(handler: logging.Handler | None) -> None:
    """Write no more to the file. Safe to call with None."""
    if handler is not None:
        logging.getLogger("autodata").removeHandler(handler)
        handler.close()


def set_aside(log: Path, most: int = LOG_BYTES) -> None:
    """Before a process appends its output: put a file that has become too large aside, in place of the one before."""
    try:
        if log.stat().st_size > most:
            log.replace(log.with_name(f"{log.stem}.1{log.suffix}"))
    except OSError:
        return  # no file yet; and a log that stays too large keeps nobody from working
