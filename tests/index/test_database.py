"""The database file: one owner, and anything wrong with the file is answered by building it again."""

import os
import re
import subprocess
import sys
import threading

import duckdb
import pytest

from autodata.errors import HeldElsewhere
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.tasks import TaskFilter, count_tasks, list_tasks
from autodata.index.thread import IngestThread
from tests.support.journals import RunAuthor, write_run


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "data")


def test_second_process_is_told_who_holds_the_file(home):
    script = (
        "from autodata.home import open_home; from autodata.index import open_index;"
        f"open_index(open_home({str(home.root)!r}))"
    )
    with open_index(home):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "HeldElsewhere" in done.stderr
    assert f"process {os.getpid()}" in done.stderr
    assert "--home" in done.stderr


def test_holder_in_another_process_is_named_here(home):
    script = (
        "import sys; from autodata.home import open_home; from autodata.index import open_index;"
        f"index = open_index(open_home({str(home.root)!r})); print('open', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(HeldElsewhere, match=re.escape(str(child.pid))):
            open_index(home)
    finally:
        child.communicate("")


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_truncated_file_is_moved_aside_and_rebuilt(home, keep):
    write_run(home, "r1", 3)
    with open_index(home) as index:
        ingest_home(index, home)
        expected = count_tasks(index, TaskFilter())
    raw = home.database.read_bytes()
    home.database.write_bytes(raw[: int(len(raw) * keep)])
    with open_index(home) as index:
        ingest_home(index, home)
        assert "moved to" in index.notices[0]
        assert count_tasks(index, TaskFilter()) == expected
    assert list(home.root.glob("autodata.duckdb.aside-*"))


def test_file_that_is_no_database_is_moved_aside(home):
    home.root.mkdir(parents=True)
    home.database.write_bytes(b"not a database" * 1000)
    with open_index(home) as index:
        assert "autodata rebuild" in index.notices[0]


def test_newer_schema_is_moved_aside(home):
    with open_index(home) as index, index.write() as db:
        db.execute("UPDATE meta SET value = '999'")
    with open_index(home) as index:
        assert "999" in index.notices[0]
        assert index.query("SELECT count(*) FROM runs") == [(0,)]


def test_failed_write_leaves_nothing(home):
    with open_index(home) as index:

        def fail() -> None:
            with index.write() as db:
                db.execute("INSERT INTO meta VALUES ('a', 'b')")
                db.execute("SELECT * FROM nowhere")

        with pytest.raises(duckdb.Error):
            fail()
        assert index.query("SELECT count(*) FROM meta WHERE key = 'a'") == [(0,)]


def test_closing_twice_is_harmless(home):
    index = open_index(home)
    index.close()
    index.close()


def test_reads_during_ingest_see_whole_batches(home):
    """Whatever is read while a run grows holds together: every task shown has its round and its run."""
    problems, stop = [], threading.Event()
    with open_index(home) as index, RunAuthor(home, "r1") as author:
        author.start(12)
        thread = IngestThread(index, home, every_s=0.01).start()

        def read() -> None:
            while not stop.is_set():
                frame = list_tasks(index, TaskFilter(scope="all"), limit=1000)
                if (frame["run_id"] != "r1").any() or frame["task_id"].duplicated().any():
                    problems.append(frame)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(12):
            author.write_trajectory(number, author.draw_plan())
            thread.nudge()
        stop.set()
        for reader in readers:
            reader.join()
        thread.stop()
        ingest_home(index, home)
        assert not problems
        assert thread.last_error == ""
        assert count_tasks(index, TaskFilter()) == 12


def test_ingest_thread_keeps_its_error_and_goes_on(home):
    with open_index(home) as index:
        write_run(home, "r1", 1)
        with index.write() as db:
            db.execute("ALTER TABLE rounds RENAME TO rounds_away")
        thread = IngestThread(index, home, every_s=0.01).start()
        while not thread.last_error:
            thread.nudge()
        assert thread.alive
        with index.write() as db:
            db.execute("ALTER TABLE rounds_away RENAME TO rounds")
        while thread.last_error:
            thread.nudge()
        thread.stop()
        assert count_tasks(index, TaskFilter()) == 1


def test_remembered_value_lasts_until_the_next_write(home):
    with open_index(home) as index:
        values = iter(range(9))
        assert [index.remember("a", lambda: next(values)) for _ in range(2)] == [0, 0]
        with index.write() as db:
            db.execute("INSERT INTO meta VALUES ('a', 'b')")
        assert index.remember("a", lambda: next(values)) == 1
