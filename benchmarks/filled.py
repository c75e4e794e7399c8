"""A home at size: one run written and ingested for real, its rows then copied until the index is as large as asked.

Writing half a million rounds as journals would take longer than everything that is measured on them. Each copy has its
own task ids, keys, texts and times, and a link to the journal its calls lie in.
"""

from __future__ import annotations

import os
import random

import duckdb

from autodata.home import Home
from autodata.index import Index, tallies
from autodata.index.ingest import IngestReport, ingest_home
from benchmarks.report import say
from tests.support.journals import write_run

FULL, QUICK = 100_000, 20_000
"""Tasks; there are five rounds to each."""
SOURCES = 2000
DAY_S = 86_400
PER_RUN = ("sources", "results", "qualities", "rollouts", "tasks", "rounds", "calls", "trajectories", *tallies.TABLES)


def build_home(index: Index, home: Home, tasks_wanted: int) -> IngestReport:
    """Fill an empty home; returns what ingesting the journal that was written for real came to."""
    say("writing a journal …")
    write_run(home, "cs-0000", SOURCES, plans=draw_plans(), words=150)
    say("ingesting it …")
    report = ingest_home(index, home)
    say(f"copying up to {tasks_wanted:,} tasks …")
    fill_index(index, home, tasks_wanted)
    return report


def fill_index(index: Index, home: Home, tasks_wanted: int) -> None:
    """Copy the first run, a day later each time, until there are `tasks_wanted` trajectories; every tenth accepted
    task is decided, and half of the approved ones are in a dataset."""
    base = index.query("SELECT count(*) FROM trajectories")[0][0]
    texts = index.query("SELECT max(no) FROM texts")[0][0]
    for copy in range(1, -(-tasks_wanted // base)):
        run_id = f"cs-{copy:04d}"
        home.run(run_id).mkdir(parents=True)
        os.link(home.journal("cs-0000"), home.journal(run_id))
        with index.write() as db:
            _copy_run(db, copy, texts)
            db.execute(
                f"""INSERT INTO runs SELECT * REPLACE ({1000 + copy} AS run, '{run_id}' AS run_id,
                    started + {copy * DAY_S} AS started, session + {copy * DAY_S} AS session,
                    ended + {copy * DAY_S} AS ended, last + {copy * DAY_S} AS last)
                FROM runs WHERE run = 1"""
            )
            db.execute(
                f"""INSERT INTO journals SELECT * REPLACE ('runs/{run_id}' AS name, {1000 + copy} AS run)
                FROM journals WHERE run = 1"""
            )
    with index.write() as db:
        db.execute(
            """INSERT INTO verdicts
            SELECT task_id, 'd' || task_id, CASE WHEN hash(task_id) % 3 = 0 THEN 'rejected' ELSE 'approved' END, '', '',
                'ann', t, '', key FROM trajectories WHERE accepted AND hash(task_id) % 10 = 0"""
        )
        for table in ("rounds", "trajectories"):
            db.execute(f"UPDATE {table} SET decision = d.state FROM verdicts d WHERE d.key = {table}.key")
        db.execute(
            """INSERT INTO decisions SELECT row_number() OVER (), t, decision_id, task_id, '', 'approve', '', '',
                reviewer, 10.0, '', '{}', NULL, false FROM verdicts"""
        )
        db.execute(
            """INSERT INTO members SELECT task_id, 'cs', 'v0001', key FROM verdicts
            WHERE state = 'approved' AND hash(task_id) % 20 = 0"""
        )
    index.checkpoint()


def _copy_run(db: duckdb.DuckDBPyConnection, copy: int, texts: int) -> None:
    """Rows of the first run as those of another: own number, task ids and texts, later times."""
    shifts = {
        "run": f"{1000 + copy} AS run",
        "task_id": f"task_id || '-{copy}' AS task_id",
        "key": f"(('0x' || sha256(task_id || '-{copy}')[:16])::UBIGINT) AS key",
        "text_no": f"text_no + {copy * texts} AS text_no",
        "t": f"t + {copy * DAY_S} AS t",
        "second": f"second + {copy * DAY_S} AS second",
    }
    for table in PER_RUN:
        names = [row[0] for row in db.execute(f"DESCRIBE {table}").fetchall()]
        replaced = ", ".join(shift for name, shift in shifts.items() if name in names)
        db.execute(f"INSERT INTO {table} SELECT * REPLACE ({replaced}) FROM {table} WHERE run = 1")
    db.execute(
        f"""INSERT INTO texts SELECT no + {copy * texts}, hash(key + {copy}), sha, text[:300] || '{copy}'
        FROM texts WHERE no <= {texts}"""
    )


def draw_plans() -> list[list[str]]:
    """Trajectories of five rounds on average, as in a calibrated run."""
    rng = random.Random(7)
    misses = ["too_easy"] * 8 + ["failed_on_strong", "narrow_gap", "failed_quality"]
    return [[*(rng.choice(misses) for _ in range(rng.randint(1, 7))), "accepted"] for _ in range(97)]
