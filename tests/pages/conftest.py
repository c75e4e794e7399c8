"""A home of its own for every page test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autodata.home import Home
from tests.support.page_driver import use_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    with use_home(tmp_path / "home", monkeypatch) as opened:
        yield opened
