"""The index comes to the same current decisions as the fold over the journal."""

from __future__ import annotations

import random
from pathlib import Path

from autodata.errors import BadInput
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.review.decisions import record_decision, undo_last
from autodata.review.shared import current_decisions

STATES = {"approve": "approved", "reject": "rejected", "flag": "flagged", "skip": "skipped"}


def test_index_and_fold_agree_after_many_decisions_in_many_batches(tmp_path: Path):
    home, rng = Home(tmp_path), random.Random(7)
    with open_index(home) as index:
        for _ in range(12):
            for _ in range(15):
                _act(home, rng)
            ingest_home(index, home)
            found = dict(index.query("SELECT task_id, decision_id || ' ' || state FROM verdicts"))
            current = current_decisions(home)
            assert found == {task: f"{d.decision_id} {STATES[d.verdict]}" for task, d in current.items()}


def _act(home: Home, rng: random.Random) -> None:
    reviewer, task = rng.choice(["Ada", "Bo"]), f"t{rng.randrange(6)}"
    if rng.random() < 0.3:
        try:
            undo_last(home, reviewer)
        except BadInput:
            return
        return
    current = current_decisions(home).get(task)
    record_decision(
        home,
        task_id=task,
        run_id="r",
        content_sha="a",
        verdict=rng.choice(list(STATES)),
        reviewer=reviewer,
        reason="Other",
        based_on=current.decision_id if current and rng.random() < 0.6 else None,
    )
