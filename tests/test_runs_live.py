import asyncio
import time

import orjson
import pytest

from autodata.executors.fleet import WorkerView
from autodata.home import Home
from autodata.llm.replicas import ServerLoad
from autodata.runs_live import LiveRun, find_live, keep_live, read_live


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.run("cs-0001").mkdir(parents=True)
    return home


def make_live(t=None):
    load = ServerLoad("gpus", "gpu1:8000", 3, 2, 8, 8, "open", 0.0)
    return LiveRun(t or time.time(), (load,), (WorkerView("node-a", 71, 1.0, 4, 9),), 1)


async def test_what_a_run_says_is_read_back_while_it_works_and_gone_afterwards(home):
    live = make_live()
    async with keep_live(find_live(home, "cs-0001"), lambda: live):
        while (read := read_live(home, "cs-0001")) is None:
            await asyncio.sleep(0.005)
    assert read == live
    assert list(home.run("cs-0001").iterdir()) == []


def test_word_of_a_killed_run_is_not_believed(home):
    find_live(home, "cs-0001").write_bytes(
        orjson.dumps({"t": time.time() - 60, "servers": [], "workers": [], "lost": 0})
    )
    assert read_live(home, "cs-0001") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"t": 1}', '{"t": 1, "servers": [{}], "workers": [], "lost": 0}'])
def test_file_that_is_none_says_nothing(home, text):
    find_live(home, "cs-0001").write_text(text)
    assert read_live(home, "cs-0001") is None
