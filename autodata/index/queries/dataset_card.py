"""What a dataset's card says beyond its files: how the tasks came about, what the audit found, under which licences.

Counts are over the exported tasks, or over everything in the runs that they come from, as each function says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from autodata.index.database import Index
from autodata.index.rollup import read_rubric
from autodata.index.staging import task_key
from autodata.model import Criterion

GAP_BINS = 20
"""Of the certified gap, from -1 to 1, each a tenth wide."""
NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class RunsMade:
    """Everything the runs did, whether it left or not: `sources` they had, `accepted` tasks, `rounds` by outcome,
    calls and tokens of all seats."""

    sources: int
    accepted: int
    outcomes: dict[str, int]
    calls: int
    prompt_tokens: int
    completion_tokens: int

    @property
    def rounds(self) -> int:
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class AlarmCount:
    """One detector over the exported tasks: with a violation, and with a flag as its worst."""

    detector: str
    violations: int
    flags: int


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """What the audit says of the exported tasks. `handled`: (severity, decision) to tasks, over everything that the
    audit raised in the runs. Gaps in [-1, 1]; `bins` are of certified gaps, from -1 in tenths."""

    audited: int
    violated: int
    flagged: int
    alarms: tuple[AlarmCount, ...]
    handled: dict[tuple[str, str], int]
    certified: int
    difficulties: dict[str, int]
    claimed_mean: float | None
    certified_mean: float | None
    certified_low_mean: float | None
    bins: tuple[int, ...]

    @property
    def clear(self) -> int:
        return self.audited - self.violated - self.flagged


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """One answer as a sampler sees it: who wrote it, how it ended, its score and the criteria that were met."""

    solver: str
    index: int
    status: str
    answer: str
    score: float | None
    met: dict[str, float]


@dataclass(frozen=True, slots=True)
class SampleTask:
    """A task without anything that somebody or something said of it: no decision, no alarm, no gap, no round."""

    task_id: str
    run_id: str
    context: str
    question: str
    reference_answer: str
    rubric: tuple[Criterion, ...]
    source_title: str
    source_text: str
    answers: tuple[SampleAnswer, ...]


def count_runs(index: Index, run_ids: Sequence[str]) -> RunsMade:
    """What these runs did in all."""
    params = {"runs": list(run_ids)}
    sources = index.query(
        _IN_RUNS + "SELECT count(DISTINCT (run, source_id)) FROM sources SEMI JOIN own USING (run)", params
    )
    outcomes = index.query(
        _IN_RUNS + "SELECT outcome, count(*) FROM rounds SEMI JOIN own USING (run) GROUP BY 1 ORDER BY 2 DESC, 1",
        params,
    )
    calls = index.query(
        _IN_RUNS
        + """SELECT coalesce(sum(calls), 0)::BIGINT, coalesce(sum(prompt_tokens), 0)::BIGINT,
            coalesce(sum(completion_tokens), 0)::BIGINT FROM uses SEMI JOIN own USING (run)""",
        params,
    )[0]
    found = dict(outcomes)
    return RunsMade(sources[0][0], found.get("accepted", 0), found, *calls)


def load_audit_facts(index: Index, task_ids: Sequence[str], run_ids: Sequence[str]) -> AuditFacts:
    """What the audit says of these tasks, and what became of everything it raised in these runs."""
    params = {"tasks": list(task_ids)}
    row = index.query(_AUDITED, params)[0]
    alarms = tuple(AlarmCount(*one) for one in index.query(_ALARMS, params))
    handled = {(severity, state): n for severity, state, n in index.query(_HANDLED, {"runs": list(run_ids)})}
    difficulties = dict(index.query(_DIFFICULTIES, params))
    bins = dict(index.query(_BINS, params))
    audited, violated, flagged, certified, claimed, mean, low = row
    return AuditFacts(
        audited=audited,
        violated=violated,
        flagged=flagged,
        alarms=alarms,
        handled=handled,
        certified=certified,
        difficulties=difficulties,
        claimed_mean=claimed,
        certified_mean=mean,
        certified_low_mean=low,
        bins=tuple(bins.get(number, 0) for number in range(GAP_BINS)),
    )


def count_cleared(index: Index, run_ids: Sequence[str]) -> int:
    """Audited tasks of these runs with neither violation nor flag."""
    rows = index.query(
        _IN_RUNS
        + """SELECT count(*) FROM audits SEMI JOIN own USING (run)
        WHERE severity NOT IN ('violation', 'flag')""",
        {"runs": list(run_ids)},
    )
    return int(rows[0][0])


def count_licences(index: Index, task_ids: Sequence[str]) -> dict[str, int]:
    """Tasks by the licence that their source's metadata names, NOT_RECORDED where it names none."""
    rows = index.query(_LICENCES, {"tasks": list(task_ids)})
    return {str(name) if name else NOT_RECORDED: int(n) for name, n in rows}


def find_voters(index: Index, task_id: str) -> frozenset[str]:
    """Who has a vote on a task."""
    rows = index.query(
        "SELECT DISTINCT reviewer FROM votes WHERE key = ? AND task_id = ?", [task_key(task_id), task_id]
    )
    return frozenset(row[0] for row in rows)


def load_sample_task(index: Index, task_id: str) -> SampleTask | None:
    """A task for a blind look; None when its record is not in the index."""
    rows = index.query(_SAMPLE_TASK, [task_key(task_id), task_id])
    if not rows:
        return None
    run, run_id, context, question, reference, rubric, title, text = rows[0]
    answers = index.query(_SAMPLE_ANSWERS, [run, task_id])
    return SampleTask(
        task_id=task_id,
        run_id=run_id,
        context=context,
        question=question,
        reference_answer=reference,
        rubric=read_rubric(rubric),
        source_title=title,
        source_text=text,
        answers=tuple(
            SampleAnswer(solver, number, status, answer, score, _read_met(verdicts))
            for solver, number, status, answer, score, verdicts in answers
        ),
    )


def _read_met(text: str | None) -> dict[str, float]:
    verdicts = orjson.loads(text or "{}")
    return {name: float(one["met"] if isinstance(one, dict) else one) for name, one in verdicts.items()}


_IN_RUNS = "WITH own AS (SELECT run FROM runs WHERE run_id IN (SELECT unnest($runs))) "
_OWN_AUDITS = "(SELECT * FROM audits WHERE task_id IN (SELECT unnest($tasks)))"
_AUDITED = f"""
SELECT count(*), count(*) FILTER (severity = 'violation'), count(*) FILTER (severity = 'flag'), count(certified),
    avg(claimed) FILTER (certified IS NOT NULL), avg(certified), avg(certified_low)
FROM {_OWN_AUDITS}
"""
_ALARMS = f"""
SELECT detector, count(*) FILTER (worst = 'violation'), count(*) FILTER (worst = 'flag') FROM (
    SELECT f.detector, max(f.severity) AS worst FROM findings f JOIN {_OWN_AUDITS} a ON a.run = f.run AND a.key = f.key
    WHERE f.severity IN ('violation', 'flag') GROUP BY f.run, f.key, f.detector
) GROUP BY detector ORDER BY 2 DESC, 3 DESC, 1
"""
_HANDLED = (
    _IN_RUNS
    + """
SELECT a.severity, coalesce(v.state, 'open'), count(*) FROM audits a SEMI JOIN own USING (run)
LEFT JOIN verdicts v ON v.key = a.key
WHERE a.severity IN ('violation', 'flag') GROUP BY ALL ORDER BY ALL
"""
)
_DIFFICULTIES = f"""
SELECT difficulty, count(*) FROM {_OWN_AUDITS} WHERE certified IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
"""
_BINS = f"""
SELECT greatest(0, least({GAP_BINS - 1}, floor((certified + 1) * {GAP_BINS} / 2)))::INTEGER, count(*)
FROM {_OWN_AUDITS} WHERE certified IS NOT NULL GROUP BY 1
"""
_LICENCES = """
SELECT coalesce(metadata ->> '$.license', metadata ->> '$.licence', metadata ->> '$.record.license',
    metadata ->> '$.record.licence', metadata ->> '$.origin.license', '') AS licence, count(*)
FROM (SELECT run, source_id FROM rounds WHERE task_id IN (SELECT unnest($tasks))) r
LEFT JOIN sources s ON s.run = r.run AND s.source_id = r.source_id
GROUP BY 1 ORDER BY 2 DESC, 1
"""
_SAMPLE_TASK = """
SELECT k.run, u.run_id, k.context, k.question, k.reference_answer, k.rubric, coalesce(s.title, ''), coalesce(x.text, '')
FROM tasks k JOIN runs u USING (run)
LEFT JOIN sources s ON s.run = k.run AND s.source_id = k.source_id LEFT JOIN texts x ON x.no = s.text_no
WHERE k.key = ? AND k.task_id = ? ORDER BY k.run LIMIT 1
"""
_SAMPLE_ANSWERS = """
SELECT r.solver, r.idx, r.status, coalesce(x.text, ''), r.score, r.verdicts FROM rollouts r
LEFT JOIN texts x ON x.no = r.text_no
WHERE r.run = ? AND r.task_id = ? AND r.purpose = 'select' ORDER BY r.solver DESC, r.idx
"""
