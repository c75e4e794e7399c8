"""What the export gate looks at: counts of tasks that are alike, for pages, and the facts of every single task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from autodata.index.database import Index

Alarm = Literal["none", "open", "settled", "confirmed"]
"""Of the violations that the audit found in a task: there are none; nobody has looked; a person looked and let the task
pass; a person called it what the finding says."""

CLEARING = ("honest_hard",)
CONFIRMING = ("sabotage", "artefact", "invalid", "luck")
"""Labels by what they say of an alarm; `unsure` leaves it open."""


@dataclass(frozen=True, slots=True)
class GateCount:
    """Tasks that are alike to the gate. `content_changed`: the decision was about other words than the record's;
    `canary`: planted, or made out of a planted task."""

    decision: str
    outcome: str
    parity: str
    simulated: bool
    damaged: bool
    content_changed: bool
    canary: bool
    n: int


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """One accepted or decided task as every gate policy sees it, and where it lies in the index.

    `run`, `key`, `at` (its round's record) and `since` (its task's) find its texts quickly. `twin`: the same task is in
    another run too. `certified` and `certified_low` are None where no gap was certified; `approvals` counts people
    whose vote is approve, `last_word` says that a lead's is. `document` is "" where the source has none; `given`: the
    source is a row of somebody's own data, whose document is only the file it was in.
    """

    run: int
    key: int
    at: int
    since: int
    task_id: str
    run_id: str
    decision: str
    outcome: str
    parity: str
    damaged: bool
    content_changed: bool
    canary: bool
    twin: bool
    audited: bool
    alarm: Alarm
    difficulty: str
    certified: float | None
    certified_low: float | None
    gap: float | None
    approvals: int
    last_word: bool
    source_id: str
    document: str
    given: bool


def count_gate(index: Index, run_ids: tuple[str, ...] = ()) -> list[GateCount]:
    """Counts of all accepted or decided tasks, by what the gate looks at. Empty `run_ids` means every run."""
    params = {"runs": list(run_ids)}
    counts: Counter[tuple[str, str, str, bool, bool, bool, bool]] = Counter()
    for decision, outcome, parity, simulated, n in index.query(_GATE, params):
        counts[decision, outcome, parity, simulated, False, False, False] += n
    # Few tasks have a torn record, changed words or are planted: they are counted apart and taken out of the rest.
    planted = PLANTED if index.query("SELECT 1 FROM canaries LIMIT 1") else _NOTHING_PLANTED
    for decision, outcome, parity, simulated, *exceptions, n in index.query(_GATE_EXCEPTIONS % planted, params):
        counts[decision, outcome, parity, simulated, False, False, False] -= n
        counts[decision, outcome, parity, simulated, *exceptions] += n
    return [GateCount(*facts, n) for facts, n in sorted(counts.items()) if n]


def stream_facts(index: Index, decisions: tuple[str, ...] = ()) -> Iterator[TaskFacts]:
    """Accepted or decided tasks by run id and then in the order of the run's journal; with `decisions`, only those.

    That order follows from the journals alone, and it is how the texts lie in the index.
    """
    for row in index.stream(_FACTS, {"decisions": list(decisions)}):
        yield TaskFacts(*row)


def load_sketches(index: Index, keys: list[int]) -> dict[int, list[int]]:
    """MinHash of question and rubric by key, of those tasks that were audited and have words."""
    rows = index.query(_SKETCHES, {"keys": keys})
    return {key: [int(number) for number in sketch] for key, sketch in rows if sketch}


# What was made out of a planted task by editing it, and out of that again, is planted too.
PLANTED = """planted_ids AS (
    SELECT key, task_id FROM canaries
    UNION
    SELECT r.key, r.task_id FROM planted_ids p
    JOIN (SELECT run, source_id, json_extract_string(metadata, '$.edit.task_id') AS edited FROM sources
        WHERE metadata LIKE '%"edit"%') s ON s.edited = p.task_id
    JOIN rounds r ON r.run = s.run AND r.source_id = s.source_id AND r.key IS NOT NULL
),
planted_tasks AS (SELECT DISTINCT r.run, r.key FROM rounds r SEMI JOIN planted_ids USING (key))"""

_GATE = """
SELECT r.decision, r.outcome, r.parity, u.simulated, sum(r.n)::BIGINT
FROM piles r JOIN runs u ON u.run = r.run
WHERE r.scope = 'all' AND (r.outcome = 'accepted' OR r.decision <> 'open')
    AND (len($runs) = 0 OR list_contains($runs, u.run_id))
GROUP BY ALL
"""

_NOTHING_PLANTED = "planted_tasks AS (SELECT run, key FROM rounds WHERE false)"
"""Without a canary nothing can be made out of one, and the sources need not be looked through for edits."""

_GATE_EXCEPTIONS = """
WITH RECURSIVE %s, changed AS (
    SELECT k.run, k.key FROM tasks k JOIN verdicts d ON d.key = k.key
    WHERE d.content_sha <> '' AND d.content_sha <> k.content_sha
),
torn AS (
    SELECT x.run, x.source_id FROM (SELECT * FROM sources WHERE run IN (SELECT run FROM journals WHERE damage <> '')) x
    WHERE NOT EXISTS (FROM results e WHERE e.run = x.run AND e.source_id = x.source_id)
),
apart AS (
    SELECT r.run, r.key FROM rounds r SEMI JOIN changed USING (run, key)
    UNION
    SELECT r.run, r.key FROM rounds r SEMI JOIN torn USING (run, source_id)
    UNION
    FROM planted_tasks
)
SELECT r.decision, r.outcome, r.parity, u.simulated, torn.run IS NOT NULL, changed.key IS NOT NULL,
    planted_tasks.key IS NOT NULL, count(*)
FROM rounds r
JOIN apart USING (run, key)
JOIN runs u ON u.run = r.run
LEFT JOIN torn ON torn.run = r.run AND torn.source_id = r.source_id
LEFT JOIN changed ON changed.run = r.run AND changed.key = r.key
LEFT JOIN planted_tasks ON planted_tasks.run = r.run AND planted_tasks.key = r.key
WHERE (r.outcome = 'accepted' OR r.decision <> 'open') AND (len($runs) = 0 OR list_contains($runs, u.run_id))
GROUP BY ALL
"""

_ALARMED = f"""alarmed AS (
    SELECT a.run, a.key, a.violations, max(coalesce(c.t, a.t)) AS found
    FROM (SELECT run, key, t, violations FROM audits WHERE violations > 0) a
    LEFT JOIN findings f ON f.run = a.run AND f.key = a.key AND f.severity = 'violation' AND f.fresh
    LEFT JOIN checks c ON c.run = f.run AND c.key = f.key AND c.detector = f.detector
    GROUP BY ALL
),
looked AS (
    SELECT a.run, a.key, max(x.t) AS t FROM alarmed a
    JOIN votes v ON v.key = a.key AND v.verdict = 'approve'
    JOIN decisions x ON x.decision_id = v.decision_id
    WHERE coalesce(json_extract_string(x.seen, '$.violations')::DOUBLE, 0) >= a.violations
    GROUP BY ALL
),
labelled AS (
    SELECT key, label, t FROM labels WHERE key IN (SELECT key FROM alarmed) AND label <> 'undo'
        AND label_id NOT IN (SELECT undoes FROM labels WHERE undoes IS NOT NULL)
    QUALIFY row_number() OVER (PARTITION BY key, reviewer ORDER BY seq DESC) = 1
),
alarms AS (
    SELECT a.run, a.key, CASE
        WHEN count(*) FILTER (l.label IN {CONFIRMING} AND l.t > coalesce(k.t, 0)) > 0 THEN 'confirmed'
        WHEN any_value(k.t) IS NOT NULL OR count(*) FILTER (l.label = '{CLEARING[0]}' AND l.t >= a.found) > 0
            THEN 'settled' ELSE 'open' END AS state
    FROM alarmed a LEFT JOIN looked k ON k.run = a.run AND k.key = a.key LEFT JOIN labelled l ON l.key = a.key
    GROUP BY a.run, a.key
)"""

_FACTS = f"""
WITH RECURSIVE {PLANTED}, {_ALARMED},
chosen AS (
    SELECT run, key, seq, task_id, source_id, outcome, decision, parity, gap FROM rounds
    WHERE key IS NOT NULL AND (outcome = 'accepted' OR decision <> 'open')
        AND (len($decisions) = 0 OR list_contains($decisions, decision))
),
twins AS (SELECT key FROM chosen WHERE decision = 'approved' GROUP BY key HAVING count(DISTINCT run) > 1),
agreed AS (
    SELECT key, count(DISTINCT reviewer) FILTER (NOT adjudicates) AS people, bool_or(adjudicates) AS lead
    FROM votes WHERE verdict = 'approve' GROUP BY key
)
SELECT c.run, c.key, c.seq, k.seq, c.task_id, u.run_id, c.decision, c.outcome, c.parity,
    j.damage <> '' AND e.outcome IS NULL, coalesce(d.content_sha, '') <> k.content_sha, p.key IS NOT NULL,
    w.key IS NOT NULL, a.key IS NOT NULL, coalesce(m.state, 'none'), coalesce(a.difficulty, 'unchecked'),
    a.certified, a.certified_low, c.gap, coalesce(v.people, 0), coalesce(v.lead, false), c.source_id,
    coalesce(s.document, ''), coalesce(s.metadata LIKE '%"origin":{{%', false)
FROM chosen c
JOIN tasks k ON k.run = c.run AND k.key = c.key
JOIN runs u ON u.run = c.run
JOIN journals j ON j.run = c.run AND j.name = 'runs/' || u.run_id
LEFT JOIN results e ON e.run = c.run AND e.source_id = c.source_id
LEFT JOIN sources s ON s.run = c.run AND s.source_id = c.source_id
LEFT JOIN verdicts d ON d.key = c.key
LEFT JOIN planted_tasks p ON p.run = c.run AND p.key = c.key
LEFT JOIN twins w ON w.key = c.key
LEFT JOIN audits a ON a.run = c.run AND a.key = c.key
LEFT JOIN alarms m ON m.run = c.run AND m.key = c.key
LEFT JOIN agreed v ON v.key = c.key
ORDER BY u.run_id, c.seq
"""

_SKETCHES = """
SELECT key, CAST(json_extract(recorded, '$.sketch') AS BIGINT[]) FROM audits
WHERE key IN (SELECT unnest($keys::UBIGINT[]))
"""
