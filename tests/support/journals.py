"""Complete, realistic journals without a model. `write_run(home, "cs-1", 4)` fills a home that every page can show.

Scores come out of real verdicts and the real acceptance rule; only the texts are made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.policy import PRESETS
from tests.support.run_author import RunAuthor, WrittenRun

__all__ = ["RunAuthor", "WrittenRun", "write_decision", "write_run"]


def write_run(
    home: Home,
    run_id: str,
    n_sources: int = 4,
    *,
    plans: Sequence[Sequence[str]] | None = None,
    seed: int = 0,
    policy: str = "deployed",
    end: str | None = "done",
    reason: str = "",
    skipped: int = 0,
    simulated: bool = True,
    domain: str = "cs",
    words: int = 120,
    parity_broken: bool = False,
    statuses: Sequence[str] = (),
    gap_shift: float = 0.0,
    baseline: bool = False,
    frugal: bool = False,
) -> WrittenRun:
    """Write one run's journal and say what is in it.

    `plans`: per source the outcomes its rounds aim at, e.g. [("too_easy", "accepted"), ("undecided",)]; without it a
    plausible mix. `end` None leaves the run as a killed process would. `statuses`: status of the first weak answers
    of every round. `parity_broken`: the weak request of every round says something else. `baseline`: a control
    run, which asks both sides always and accepts nothing. `frugal`: a round stops once no answer can change it.
    """
    author = RunAuthor(
        home,
        run_id,
        seed=seed,
        policy=PRESETS[policy],
        simulated=simulated,
        domain=domain,
        words=words,
        baseline=baseline,
        frugal=frugal,
    )
    author.parity_broken, author.statuses, author.gap_shift = parity_broken, tuple(statuses), gap_shift
    with author:
        author.start(n_sources, skipped)
        for number in range(n_sources):
            author.write_trajectory(number, plans[number % len(plans)] if plans else author.draw_plan())
        if end:
            author.end(end, reason)
    return author.written


def write_decision(home: Home, task_id: str, verdict: str = "approve", **fields: Any) -> str:
    """Append one decision to the reviews journal; returns its id. `fields` overrides any field of the record."""
    with JournalWriter(home.reviews) as journal:
        decision_id = fields.pop("decision_id", f"d{journal.seq + 1}")
        data = {
            "decision_id": decision_id,
            "task_id": task_id,
            "run_id": "",
            "verdict": verdict,
            "reason": "",
            "note": "",
            "reviewer": "ann",
            "seconds_on_item": 12.5,
            "content_sha": "",
            "seen": {},
            "undoes": None,
            "second_opinion": False,
        }
        journal.append("decision", {**data, **fields})
    return decision_id
