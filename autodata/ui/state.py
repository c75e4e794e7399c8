"""The workbench: the home, its open index and the thread that keeps it up to date. One per server process."""

from __future__ import annotations

from dataclasses import dataclass

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
        self.index.close()


def get_workbench() -> Workbench:
    """The workbench of this process's home, opened on first use.

    Raises HeldElsewhere when another process has the database, BadInput when the home cannot be used; nothing is kept
    of a failed opening, so the next call tries again.
    """
    return _open_workbench(str(open_home().root))


def close_workbench() -> None:
    """Close this process's workbench, if it is open; the next call of `get_workbench` opens it again."""
    bench = _opened.pop(str(open_home().root), None)
    if bench is not None:
        bench.close()
        _open_workbench.clear()


_opened: dict[str, Workbench] = {}
"""Open workbenches by home. Kept beside the cache because a cache cannot be asked what it holds."""


@st.cache_resource(show_spinner=False)
def _open_workbench(root: str) -> Workbench:
    home = open_home(root)
    index = open_index(home)
    bench = Workbench(home, index, IngestThread(index, home).start())
    _opened[root] = bench
    return bench
