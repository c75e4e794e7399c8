"""Processes of the matrix are forked from a server that looks at what this process began with."""

import sys
from types import ModuleType

import pytest


@pytest.fixture(autouse=True)
def blank_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test of pages leaves the app behind as this process's main program, and every new process would begin with it."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
