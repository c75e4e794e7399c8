"""An index whose file goes bad while it is open: noticed, begun anew, and a refusing disk said as what it is."""

import os
import resource

import duckdb
import pytest

from autodata.errors import StopRequested
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.ui.state import get_workbench
from tests.support.journals import write_run
from tests.support.page_driver import use_home


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    write_run(home, "cs-0001", 3, plans=[("accepted",)], words=20)
    return home


def fill(home):
    index = open_index(home)
    ingest_home(index, home)
    index.checkpoint()
    return index


def count_tasks(index):
    return index.query("SELECT count(*) FROM trajectories")[0][0]


def read_everything(index, tables):
    for name in tables:
        index.query(f"SELECT * FROM {name}")


def replace(path):
    path.rename(path.with_name("other"))
    path.write_bytes(b"another file")


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("harm", "words"),
    [(lambda path: path.unlink(), "deleted"), (replace, "another file"), (cut, "missing")],
    ids=["deleted", "replaced", "cut short"],
)
def test_a_file_changed_behind_its_back_is_noticed(home, harm, words):
    with fill(home) as index:
        index.check_file()
        assert index.broken == ""
        harm(home.database)
        index.check_file()
        assert words in index.broken


def test_a_corrupt_block_is_noticed_by_the_query_that_reads_it(home):
    fill(home).close()
    with home.database.open("r+b") as file:
        for at in range(300_000, home.database.stat().st_size - 100, 20_000):
            file.seek(at)
            file.write(b"garbage!" * 64)
    index = open_index(home)
    tables = [name for (name,) in index.query("SELECT table_name FROM duckdb_tables()")]
    with pytest.raises(duckdb.Error):
        read_everything(index, tables)
    assert index.broken
    index.close()


def test_a_broken_file_is_begun_anew_with_everything_in_it(home):
    fill(home).close()
    with open_index(home, "a part of it is missing") as index:
        ingest_home(index, home)
        assert count_tasks(index) == 3
        assert "no task and no decision is lost" in index.notices[0]
    assert list(home.root.glob("autodata.duckdb.aside-*"))


def test_the_app_opens_a_broken_index_again_by_itself(home, monkeypatch):
    with use_home(home.root, monkeypatch):
        first = get_workbench()
        home.database.unlink()
        first.index.check_file()
        second = get_workbench()
        ingest_home(second.index, home)
        assert second is not first
        assert (count_tasks(second.index), second.index.broken) == (3, "")
        assert "it was deleted" in second.index.notices[0]


def test_a_disk_that_refuses_is_said_as_such(home):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_index(home) as index:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
        try:
            with pytest.raises(StopRequested, match=r"File too large.*Nothing recorded is lost") as caught:
                ingest_home(index, home)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.reason == "disk"
