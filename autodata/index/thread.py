"""Keeps the index up to date while the app runs."""

from __future__ import annotations

import logging
import threading

import duckdb

from autodata.home import Home
from autodata.index.database import Index
from autodata.index.ingest import ingest_home

log = logging.getLogger(__name__)


class IngestThread:
    """Ingests every `every_s` seconds, or at once after `nudge`, until stopped.

    A pass that fails does not end the thread: the error is logged, kept in `last_error` as a sentence for the pages
    and cleared by the next pass that succeeds.
    """

    def __init__(self, index: Index, home: Home, every_s: float = 0.5) -> None:
        self.last_error = ""
        self._index = index
        self._home = home
        self._every_s = every_s
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
            ingest_home(self._index, self._home)
            self.last_error = ""
        except Exception as error:  # the boundary: whatever goes wrong in one pass, the next one runs
            if _describe(error) != self.last_error:
                log.exception("ingest failed")
            self.last_error = _describe(error)


def _describe(error: Exception) -> str:
    words = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, duckdb.Error):
        return f"The index could not be brought up to date: {words} Nothing is lost; `autodata rebuild` makes it anew."
    return f"The index could not be brought up to date: {words}"
