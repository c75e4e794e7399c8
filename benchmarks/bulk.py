"""An index at a size that no benchmark could write as journals: whole runs copied inside the database, all at once.

Every copy has its own run, task ids, keys, texts and times, and is linked to the journal that its calls lie in. What
ingest would make of the same journals is what is copied, so pages find what they would find. Each table is copied by
one statement, which is several times faster than a run at a time and thirty times faster than reading the journals.
"""

from __future__ import annotations

import os

import duckdb

from autodata.home import Home
from autodata.index import Index
from autodata.index.marks import MARKS, SELECT_MARKS
from benchmarks.filled import DAY_S, MARKED, PER_RUN, decide_some
from benchmarks.report import say


def grow_index(index: Index, home: Home, tasks_wanted: int) -> None:
    """Copy the runs that are there, all of them again and again, until there are about `tasks_wanted` trajectories."""
    base = index.query("SELECT run, run_id FROM runs ORDER BY run")
    tasks = _count_tasks(index)
    each = tasks / len(base)
    while len(base) * each < tasks_wanted:
        missing = max(1, round(tasks_wanted / each) - len(base))
        _copy_runs(index, home, base[:missing])
        base = index.query("SELECT run, run_id FROM runs ORDER BY run")
        say(f"{_count_tasks(index):,} tasks …")
    with index.write() as db:
        decide_some(db)
    index.checkpoint()


def _count_tasks(index: Index) -> int:
    return int(index.query("SELECT count(*) FROM trajectories")[0][0])


def _copy_runs(index: Index, home: Home, runs: list[tuple[int, str]]) -> None:
    """Rows of these runs, the first ones of the index, as those of others."""
    last, shift = runs[-1][0], index.query("SELECT max(run) FROM journals")[0][0]
    texts, last_text = index.query(
        "SELECT max(no), (SELECT max(text_no) FROM rollouts WHERE run <= ?) FROM texts", [last]
    )[0]
    for run, run_id in runs:
        target = home.journal(f"cs-{run + shift:05d}")
        target.parent.mkdir(parents=True)
        os.link(home.journal(run_id), target)
    for table in (*PER_RUN, *MARKED):
        with index.write() as db:
            _copy_table(db, table, last, shift, texts)
    named = f"'cs-' || lpad((run + {shift})::VARCHAR, 5, '0')"
    later = ", ".join(f"{name} + {shift * DAY_S} AS {name}" for name in ("started", "session", "ended", "last"))
    with index.write() as db:
        db.execute(
            f"""INSERT INTO runs SELECT * REPLACE (run + {shift} AS run, {named} AS run_id, {later})
            FROM runs WHERE run <= {last}"""
        )
        db.execute(
            f"""INSERT INTO journals SELECT * REPLACE ('runs/' || {named} AS name, run + {shift} AS run)
            FROM journals WHERE run <= {last} AND name LIKE 'runs/%'"""
        )
        db.execute(
            f"""INSERT INTO texts SELECT no + {texts}, hash(key + {shift}), sha, text || ' {shift}'
            FROM texts WHERE no <= {last_text}"""
        )
    index.checkpoint()


def _copy_table(db: duckdb.DuckDBPyConnection, table: str, last: int, shift: int, texts: int) -> None:
    shifts = {
        "run": f"run + {shift} AS run",
        "task_id": f"task_id || '-{shift}' AS task_id",
        "key": f"(('0x' || sha256(task_id || '-{shift}')[:16])::UBIGINT) AS key",
        "text_no": f"text_no + {texts} AS text_no",
        "t": f"t + {shift * DAY_S} AS t",
        "second": f"second + {shift * DAY_S} AS second",
        "ended": f"ended + {shift * DAY_S} AS ended",
    }
    names = [row[0] for row in db.execute(f"DESCRIBE {table}").fetchall()]
    replaced = ", ".join(changed for name, changed in shifts.items() if name in names)
    copied = f"SELECT * REPLACE ({replaced}) FROM {table} WHERE run <= {last}"
    if table in MARKED:
        copied = f"""SELECT v.* EXCLUDE ({", ".join(MARKS)}), {SELECT_MARKS} FROM ({copied}) v
            LEFT JOIN (SELECT * FROM audits WHERE run > {shift}) a ON a.run = v.run AND a.key = v.key
            ORDER BY v.run, v.seq"""
    db.execute(f"INSERT INTO {table} {copied}")
