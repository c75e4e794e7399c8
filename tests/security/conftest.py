"""The app as others reach it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit import config


@pytest.fixture
def exposed() -> Iterator[None]:
    """The app is served on every address of the machine, and no login is configured."""
    before = config.get_option("server.address")
    config.set_option("server.address", "0.0.0.0")
    yield
    config.set_option("server.address", before)
