"""The workbench: the home, its open index and the thread that keeps it up to date. One per server process."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass

import duckdb
import streamlit as st

from autodata.home import Home, open_home
from autodata.index import Index, open_index
from autodata.index.thread import IngestThread


@dataclass(frozen=True, slots=True)
class Workbench:
    """What every page works on. `index.revision` grows with every change."""

    home: Home
    index: Index
    ingest: IngestThread

    def close(self) -> None:
        """Stop the thread, then release the database. Safe to call twice."""
        self.ingest.stop()
        with suppress(duckdb.Error):  # a file that broke cannot be brought up to date any more
            self.index.close()


def get_workbench() -> Workbench:
    """The workbench of this process's home, opened on first use.

    Raises HeldElsewhere when another process has the database, BadInput when the home cannot be used; nothing is kept
    of a failed opening, so the next call tries again. An index that broke while it was open is begun anew.
    """
    root = str(open_home().root)
    bench = _open_workbench(root)
    if bench.index.broken:
        with _mending:
            if root in _opened and _opened[root].index.broken:
                close_workbench(broken=_opened[root].index.broken)
        bench = _open_workbench(root)
    return bench


def close_workbench(broken: str = "") -> None:
    """Close this process's workbench, if it is open; the next call of `get_workbench` opens it again.

    With what is `broken` about its index, that one is not trusted again.
    """
    root = str(open_home().root)
    bench = _opened.pop(root, None)
    if bench is not None:
        bench.close()
        if broken:
            _broken[root] = broken
        _open_workbench.clear()


_opened: dict[str, Workbench] = {}
"""Open workbenches by home. Kept beside the cache because a cache cannot be asked what it holds."""


_broken: dict[str, str] = {}
"""What was wrong with an index that was closed for it, until it is opened again."""

_mending = threading.Lock()


@st.cache_resource(show_spinner=False)
def _open_workbench(root: str) -> Workbench:
    home = open_home(root)
    index = open_index(home, _broken.pop(root, ""))
    bench = Workbench(home, index, IngestThread(index, home).start())
    _opened[root] = bench
    return bench
