"""A home at size: one run written and ingested for real, its rows then copied until the index is as large as asked.

Writing half a million rounds as journals would take longer than everything that is measured on them. Each copy has its
own task ids, keys, texts and times, and a link to the journal its calls lie in.
"""

from __future__ import annotations

import os
import random
import time

import duckdb

from autodata.home import Home
from autodata.index import Index, tallies
from autodata.index.auditing import AuditReport, audit_pending
from autodata.index.ingest import IngestReport, ingest_home
from autodata.index.marks import MARKS, SELECT_MARKS, mark_tasks
from benchmarks.report import say
from tests.index.audit_world import AuditAuthor
from tests.support.journals import write_run

FULL, QUICK = 100_000, 20_000
"""Tasks; there are five rounds to each."""
SOURCES = 2000
"""Of the run that is written for real, and so of every copy of it."""
COMMIT_EVERY = 20
"""Copies in one transaction."""
DAY_S = 86_400
AUDITED = ("audits", "findings", "run_findings", "run_audits", "audit_sessions", "fresh", "checks")
MARKED = ("rounds", "trajectories")
PER_RUN = (
    *("sources", "results", "qualities", "rollouts", "tasks", "calls"),
    *tallies.TABLES,
    *AUDITED,
)
"""Copied before the rows that repeat what an audit says."""
FOUND_IN = 20
"""One accepted task in so many has findings worth a look."""
CERTIFIED = 0.1
"""Share of the accepted tasks that an audit with model calls looked at, as the plan medium does at the least."""


def build_home(
    index: Index, home: Home, tasks_wanted: int, *, sources: int = SOURCES, rounds: int = 7
) -> tuple[IngestReport, AuditReport, float]:
    """Fill an empty home with runs of so many `sources`, which fail in 1 to `rounds` rounds before the accepted one.

    Returns what ingesting and auditing the journal that was written for real came to, and the audit's processor time in
    seconds.
    """
    say("writing a journal …")
    write_run(home, "cs-0000", sources, plans=draw_plans(rounds), words=150)
    say("ingesting it …")
    report = ingest_home(index, home)
    say("auditing it …")
    used = time.process_time()
    audited = audit_pending(index, home)
    used = time.process_time() - used
    write_audit(index, home)
    ingest_home(index, home)
    audit_pending(index, home)
    clear_most(index)
    say(f"copying up to {tasks_wanted:,} tasks …")
    fill_index(index, home, tasks_wanted)
    return report, audited, used


def clear_most(index: Index) -> None:
    """Findings as usual runs have them: the audit rightly finds fault with every task of a journal that is made up."""
    found = f"hash(key) % {FOUND_IN} = 0"
    with index.write() as db:
        db.execute(f"DELETE FROM findings WHERE NOT ({found} AND hash(sentence) % 8 = 0) AND NOT fresh")
        db.execute(
            f"""UPDATE audits SET severity = '', violations = 0, flags = 0, integrity = 'clean', tampered = false,
                cause = '', action = 'certify', suspicion = hash(key) % 300 / 100, p = 0.5,
                basis = 'rank within the run', flagged = false WHERE NOT {found}"""
        )
        mark_tasks(db, 1)


def write_audit(index: Index, home: Home) -> None:
    """The journal of an audit with model calls over a part of the first run's accepted tasks."""
    rng = random.Random(3)
    ids = [row[0] for row in index.query("SELECT task_id FROM audits ORDER BY key")]
    with AuditAuthor(home, "cs-0000") as author:
        chosen = ids[: int(CERTIFIED * len(ids))]
        author.start(chosen)
        for task_id in chosen:
            for at in range(5):
                author.answer(task_id, "weak", at, f"Fresh weak answer {at} to {task_id}.", rng.uniform(0.2, 0.6))
                author.answer(task_id, "strong", at, f"Fresh strong answer {at} to {task_id}.", rng.uniform(0.6, 0.95))
            gap = rng.uniform(-0.05, 0.5)
            author.certify(task_id, gap=gap, low=gap - 0.1, high=gap + 0.1)
            for detector in ("K2", "K5", "K8"):
                author.check(task_id, detector, numbers={"t": rng.gauss(0, 1)})
        author.end()


def fill_index(index: Index, home: Home, tasks_wanted: int) -> None:
    """Copy the first run, a day later each time, until there are `tasks_wanted` trajectories; every tenth accepted
    task is decided, and half of the approved ones are in a dataset."""
    base = index.query("SELECT count(*) FROM trajectories")[0][0]
    texts = index.query("SELECT max(no) FROM texts")[0][0]
    copies = range(1, -(-tasks_wanted // base))
    for start in copies[::COMMIT_EVERY]:
        with index.write() as db:
            for copy in copies[start - 1 : start - 1 + COMMIT_EVERY]:
                _copy_run(db, home, copy, texts)
    with index.write() as db:
        decide_some(db)
    index.checkpoint()


def decide_some(db: duckdb.DuckDBPyConnection) -> None:
    """Decide every tenth accepted task; half of the approved ones are in a dataset."""
    db.execute(
        """INSERT INTO verdicts BY NAME
        SELECT task_id, 'd' || task_id AS decision_id,
            CASE WHEN hash(task_id) % 3 = 0 THEN 'rejected' ELSE 'approved' END AS state, '' AS reason, '' AS note,
            'ann' AS reviewer, t, '' AS content_sha, key, 1 AS given, 1 AS needed
        FROM trajectories WHERE accepted AND hash(task_id) % 10 = 0"""
    )
    for table in ("rounds", "trajectories"):
        db.execute(f"UPDATE {table} SET decision = d.state FROM verdicts d WHERE d.key = {table}.key")
    tallies.count_tasks(db, [row[0] for row in db.execute("SELECT run FROM runs").fetchall()])
    db.execute(
        """INSERT INTO decisions BY NAME
        SELECT row_number() OVER () AS seq, t, decision_id, task_id, '' AS run_id, 'approve' AS verdict,
            '' AS reason, '' AS note, reviewer, 10.0 AS seconds_on_item, '' AS content_sha, '{}' AS seen,
            false AS second_opinion, 1 AS quorum, false AS blind, false AS adjudicates, '' AS bulk_id, key
        FROM verdicts"""
    )
    db.execute(
        """INSERT INTO members SELECT task_id, 'cs', 'v0001', key FROM verdicts
        WHERE state = 'approved' AND hash(task_id) % 20 = 0"""
    )


def _copy_run(db: duckdb.DuckDBPyConnection, home: Home, copy: int, texts: int) -> None:
    """Rows of the first run as those of another: own number, task ids and texts, later times."""
    run_id = f"cs-{copy:04d}"
    home.run(run_id).mkdir(parents=True)
    os.link(home.journal("cs-0000"), home.journal(run_id))
    shifts = {
        "run": f"{1000 + copy} AS run",
        "task_id": f"task_id || '-{copy}' AS task_id",
        "key": f"(('0x' || sha256(task_id || '-{copy}')[:16])::UBIGINT) AS key",
        "text_no": f"text_no + {copy * texts} AS text_no",
        "t": f"t + {copy * DAY_S} AS t",
        "second": f"second + {copy * DAY_S} AS second",
        "ended": f"ended + {copy * DAY_S} AS ended",
    }
    for table in (*PER_RUN, *MARKED):
        names = [row[0] for row in db.execute(f"DESCRIBE {table}").fetchall()]
        replaced = ", ".join(shift for name, shift in shifts.items() if name in names)
        copied = f"SELECT * REPLACE ({replaced}) FROM {table} WHERE run = 1"
        if table in MARKED:
            copied = f"""SELECT v.* EXCLUDE ({", ".join(MARKS)}), {SELECT_MARKS} FROM ({copied}) v
                LEFT JOIN (SELECT * FROM audits WHERE run = {1000 + copy}) a ON a.key = v.key ORDER BY v.seq"""
        db.execute(f"INSERT INTO {table} {copied}")
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
    db.execute(
        f"""INSERT INTO texts SELECT no + {copy * texts}, hash(key + {copy}), sha, text[:300] || '{copy}'
        FROM texts WHERE no <= {texts}"""
    )


def draw_plans(rounds: int = 7) -> list[list[str]]:
    """Trajectories that fail in 1 to `rounds` rounds; by default five rounds on average, as in a calibrated run."""
    rng = random.Random(7)
    misses = ["too_easy"] * 8 + ["failed_on_strong", "narrow_gap", "failed_quality"]
    return [[*(rng.choice(misses) for _ in range(rng.randint(1, rounds))), "accepted"] for _ in range(97)]
