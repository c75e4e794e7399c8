"""Drives a page through the real entry script without a browser, on a home of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from autodata.home import Home
from autodata.index.ingest import ingest_home
from autodata.journal import read_records
from autodata.runs import wait_until_ended
from autodata.ui.state import close_workbench, get_workbench
from autodata.ui.tree import collect_text

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "autodata" / "ui" / "main.py"


class PageDriver:
    """One session on one page. `at` is Streamlit's own tester; pieces are read as the text a reader would see."""

    def __init__(self, home: Home, page: str, **params: str) -> None:
        self.home = home
        self.ingest()
        self.at = AppTest.from_file(str(MAIN), default_timeout=60)
        if page != "overview":
            # Before a first run a page goes by its file's name, which is what the app's own navigation calls it.
            self.at.switch_page(str(ROOT / "pages" / f"{page}.py"))
        for name, value in params.items():
            self.at.query_params[name.replace("__", ".")] = value
        self.run()

    def run(self) -> PageDriver:
        """Run the page again; fails the test when it raised."""
        self.at.run()
        self.check()
        return self

    def ingest(self) -> None:
        """Bring the index up to date now, instead of waiting for its thread."""
        ingest_home(get_workbench().index, self.home)

    def check(self) -> None:
        """Fail when the page shows an exception."""
        assert not self.at.exception, [f"{e.message}\n{chr(10).join(e.stack_trace)}" for e in self.at.exception]

    def click(self, key: str) -> PageDriver:
        """Press a button by its key."""
        self.at.button(key=key).click().run()
        self.check()
        return self

    def set(self, key: str, value: Any) -> PageDriver:
        """Give an input of any kind a value."""
        self.at.get_by_key(key).set_value(value).run()
        self.check()
        return self

    def has(self, key: str) -> bool:
        """Whether a button with this key is on the page."""
        return any(button.key == key for button in self.at.button)

    def tree(self, key: str) -> Any:
        """The tree of one piece; None when it is not on the page."""
        for element in self.at.get("bidi_component"):
            if element.proto.id.endswith(f"-{key}"):
                return orjson.loads(element.proto.json)["tree"]
        return None

    def text(self, key: str | None = None) -> str:
        """Text of one piece, or of all pieces of the page in order."""
        if key is not None:
            tree = self.tree(key)
            return "" if tree is None else collect_text(tree)
        trees = [orjson.loads(element.proto.json).get("tree", "") for element in self.at.get("bidi_component")]
        return "\n".join(collect_text(tree) for tree in trees)

    def wait(self, done: Callable[[], bool], seconds: float = 90.0) -> None:
        """Run the page again and again until `done`; fails after `seconds`."""
        deadline = time.monotonic() + seconds
        pause = 0.1
        while not done():
            assert time.monotonic() < deadline, f"still not done after {seconds} s; the page says:\n{self.text()}"
            time.sleep(pause)
            # Drawing a page takes the time that the process waited for needs as well.
            pause = min(2 * pause, 1.0)
            self.ingest()
            self.run()

    def wait_for_run(self, run_id: str, *, ends: int = 1, seconds: float = 90.0) -> PageDriver:
        """Wait, without drawing anything, until the run's process has ended so many times, and then draw the page."""
        journal, deadline = self.home.journal(run_id), time.monotonic() + seconds
        while sum(record.kind == "run_ended" for record in read_records(journal)) < ends:
            assert time.monotonic() < deadline, f"{run_id} has not ended after {seconds} s"
            time.sleep(0.1)
        assert wait_until_ended(self.home, run_id, seconds), f"the process of {run_id} goes on after its end"
        self.ingest()
        return self.run()


@contextmanager
def use_home(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home for this process's workbench, closed afterwards."""
    monkeypatch.setenv("AUTODATA_HOME", str(path))
    home = Home(path)
    try:
        yield home
    finally:
        close_workbench()
