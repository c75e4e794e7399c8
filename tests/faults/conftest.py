"""Processes of the matrix are forked from a server that looks at what this process began with."""

import sys
from types import ModuleType

import pytest


@pytest.fixture(autouse=True)
def blank_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test of pages leaves the app behind as the main program of this process; every new one would begin with it."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
