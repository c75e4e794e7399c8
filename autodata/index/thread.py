"""Keeps the index up to date while the app runs, and audits what it holds in the time that is left."""

from __future__ import annotations

import logging
import threading
import time

import duckdb

from autodata.home import Home
from autodata.index.auditing import Auditor
from autodata.index.database import Index
from autodata.index.ingest import IngestProgress, ingest_home

log = logging.getLogger(__name__)


AUDIT_S = 0.25
"""Length of a slice of the audit: decisions and live pages never wait longer."""

RETRY_S = 60.0
"""After an audit that failed; what failed once mostly fails again."""


class IngestThread:
    """Ingests every `every_s` seconds, or at once after `nudge`, until stopped; after each pass it audits for `audit_s`
    seconds.

    A pass that fails does not end the thread: the error is logged, kept in `last_error` as a sentence for the pages
    and cleared by the next pass that succeeds.
    """

    def __init__(self, index: Index, home: Home, every_s: float = 0.5, audit_s: float = AUDIT_S) -> None:
        self.last_error = ""
        self.last_pass: float | None = None
        """When the index was last brought up to date, in epoch seconds."""
        self.reading: IngestProgress | None = None
        """How far the pass under way has come; None between passes and before its first batch."""
        self._index = index
        self._home = home
        self._every_s = every_s
        self._audit_s = audit_s
        self._auditor = Auditor(index)
        self._audit_again = 0.0
        self._audit_error = ""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ingest", daemon=True)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> IngestThread:
        self._thread.start()
        return self

    def nudge(self) -> None:
        """Do not wait for the next tick."""
        self._wake.set()

    def stop(self, timeout_s: float = 30.0) -> None:
        """Finish the pass under way, then end. The index may be closed afterwards."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._run_once()
            self._wake.wait(self._every_s)

    def _run_once(self) -> None:
        try:
            self._index.check_file()
            ingest_home(self._index, self._home, self._note)
            self.last_pass = time.time()
            self.last_error = self._audit()
        except Exception as error:  # the boundary: whatever goes wrong in one pass, the next one runs
            if _describe(error) != self.last_error:
                log.exception("ingest failed")
            self.last_error = _describe(error)
        finally:
            self.reading = None

    def _note(self, progress: IngestProgress) -> None:
        self.reading = progress

    def _audit(self) -> str:
        """A slice of the audit; returns what went wrong. The index is up to date whatever comes of it."""
        if self._audit_s > 0 and time.monotonic() >= self._audit_again:
            try:
                self._auditor.work(self._audit_s)
                self._audit_error = ""
            except Exception as error:  # the same boundary
                log.exception("the audit failed")
                self._audit_again = time.monotonic() + RETRY_S
                self._audit_error = f"The audit could not go on: {_say(error)} It is tried again in a minute."
        return self._audit_error


def _describe(error: Exception) -> str:
    words = _say(error)
    if isinstance(error, duckdb.Error):
        return f"The index could not be brought up to date: {words} Nothing is lost; `autodata rebuild` makes it anew."
    return f"The index could not be brought up to date: {words}"


def _say(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
