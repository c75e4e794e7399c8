"""Where a task comes from and where it went: the records behind it, from its source to the dataset versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from autodata.index.database import Index
from autodata.index.known import AUDITS, REVIEWS, RUNS
from autodata.index.queries.blind import may_see_others
from autodata.index.queries.edits import find_parent
from autodata.index.staging import task_key

Stage = Literal["source", "round", "people", "audit", "dataset"]
"""In the order in which they come about: what it was written from, its rounds, what people and audits said, exports."""

CALLS_MAX = 200
"""Calls that are listed of one round."""


@dataclass(frozen=True, slots=True)
class Step:
    """One record. `journal` and `seq` say where it lies, for `read_raw`. `round` is 0 outside of rounds.

    `title` is what it is, in our words; `detail` what it says, partly in the words of models and people.
    """

    stage: Stage
    journal: str
    seq: int
    title: str
    detail: str
    round: int = 0


@dataclass(frozen=True, slots=True)
class Provenance:
    """The chain of one task. `calls` are those of the round that was asked for; `counts` how many each round has.

    `versions` are the dataset versions it is in, as (name, version).
    """

    task_id: str
    run_id: str
    own_round: int
    steps: tuple[Step, ...]
    calls: tuple[Step, ...]
    counts: dict[int, int]
    versions: tuple[tuple[str, str], ...]


def load_provenance(index: Index, task_id: str, reviewer: str, opened: int = 0) -> Provenance | None:
    """Every record behind a task as `reviewer` may see it, with the calls of round `opened`; None for an unknown task.

    What others decided, labelled or said is left out while a vote of `reviewer` has to be their own.
    """
    key = task_key(task_id)
    found = index.query(
        "SELECT k.run, k.source_id, k.round, u.run_id FROM tasks k JOIN runs u USING (run) WHERE k.key = ?", [key]
    )
    if not found:
        return None
    run, source_id, own, run_id = found[0]
    mine = {"run": run, "source": source_id}
    journal = RUNS + run_id
    steps = [
        Step(stage, journal, seq, title, detail or "", number or 0)
        for stage, seq, title, detail, number in index.query(_RUN, mine)
    ]
    parent, edit_id = find_parent(index, task_id)
    if parent:
        rows = index.query("SELECT seq, reviewer FROM edits WHERE edit_id = ?", [edit_id])
        steps = [*(Step("source", REVIEWS, seq, f"Edited from {parent}", f"by {who}") for seq, who in rows), *steps]
    steps += _list_people(index, key, task_id, reviewer)
    steps += [
        Step("audit", AUDITS + run_id, seq, title, detail)
        for seq, title, detail in index.query(_AUDITED, {"run": run, "key": key})
    ]
    exported = index.query(_EXPORTED, [key])
    steps += [
        Step("dataset", REVIEWS, seq, f"Exported in {name} {version}", f"{items:,} items, {sha[:12]}")
        for seq, name, version, items, sha in exported
    ]
    counts = index.query(
        "SELECT round, count(*) FROM calls WHERE run = $run AND source_id = $source GROUP BY round", mine
    )
    calls = index.records(_CALLS, mine | {"round": opened, "most": CALLS_MAX}) if opened else []
    return Provenance(
        task_id=task_id,
        run_id=run_id,
        own_round=own,
        steps=tuple(steps),
        calls=tuple(
            Step("round", journal, row["seq"], _name_call(row), _describe_call(row), row["round"]) for row in calls
        ),
        counts={int(number or 0): int(n) for number, n in counts},
        versions=tuple((name, version) for _, name, version, _, _ in exported),
    )


def list_items(index: Index, name: str, version: str, limit: int = 200) -> tuple[tuple[str, str], ...]:
    """(task, question) of a dataset version's items, by task id; so that an item leads back to its records."""
    return tuple(index.query(_ITEMS, {"name": name, "version": version, "most": limit}))


def _list_people(index: Index, key: int, task_id: str, reviewer: str) -> list[Step]:
    everything = may_see_others(index, task_id, reviewer)
    rows = index.query(_PEOPLE, {"key": key, "reviewer": reviewer, "all": everything})
    return [Step("people", REVIEWS, seq, f"{what} by {who}", _join(details)) for seq, what, who, *details in rows]


def _join(details: list[Any]) -> str:
    return ", ".join(str(detail) for detail in details if detail)


def _name_call(row: dict[str, Any]) -> str:
    words = str(row["role"]).replace("_", " ")
    about = f" on {row['subject']}" if row["subject"] else ""
    return f"Call to the {words}{about}" + (
        f" ({row['purpose']})" if row["purpose"] not in ("", "select", None) else ""
    )


def _describe_call(row: dict[str, Any]) -> str:
    tokens = [row["prompt_tokens"], row["completion_tokens"]]
    size = " + ".join(f"{n:,}" for n in tokens if n is not None)
    return _join([row["model"], f"{size} tokens" if size else "", row["error_kind"] or row["finish_reason"]])


_RUN = """
SELECT * FROM (
    SELECT 'source' AS stage, seq, 'Source' AS title, title || CASE WHEN document NOT IN ('', title)
        THEN ', ' || document ELSE '' END AS detail, 0 AS round
    FROM sources WHERE run = $run AND source_id = $source
    UNION ALL SELECT 'source', seq, 'Extract', note, 0 FROM extracts WHERE run = $run AND source_id = $source
    UNION ALL SELECT 'round', seq, 'Task written', task_id, round FROM tasks WHERE run = $run AND source_id = $source
    UNION ALL SELECT 'round', seq, CASE WHEN passed THEN 'Quality passed' ELSE 'Quality failed' END,
        reviewed_by, round
    FROM qualities WHERE run = $run AND source_id = $source
    UNION ALL SELECT 'round', seq, 'Loop judge', word, round FROM weighings WHERE run = $run AND source_id = $source
    UNION ALL SELECT 'round', seq, 'Answer, ' || solver || ' ' || (idx + 1) || CASE WHEN purpose = 'select' THEN ''
        ELSE ', ' || purpose END,
        status || CASE WHEN score IS NULL THEN '' ELSE ', score ' || format('{:.2f}', score) END
        || coalesce(', answered in call ' || answer_call, '') || coalesce(', judged in call ' || judge_call, ''), round
    FROM rollouts WHERE run = $run AND source_id = $source
    UNION ALL SELECT 'round', seq, 'Outcome', replace(outcome, '_', ' ') || CASE WHEN reason = '' THEN ''
        ELSE ': ' || reason END, round
    FROM rounds WHERE run = $run AND source_id = $source
    UNION ALL SELECT 'source', seq, 'Source done', replace(outcome, '_', ' '), 999999 FROM results
    WHERE run = $run AND source_id = $source
) ORDER BY round, seq
"""
_CALLS = """
SELECT seq, role, purpose, subject, model, finish_reason, prompt_tokens, completion_tokens, error_kind, round
FROM calls WHERE run = $run AND source_id = $source AND round = $round ORDER BY seq LIMIT $most
"""
_PEOPLE = """
SELECT * FROM (
    SELECT seq, CASE verdict WHEN 'approve' THEN 'Approved' WHEN 'reject' THEN 'Rejected' WHEN 'flag' THEN 'Flagged'
        WHEN 'skip' THEN 'Skipped' ELSE 'Undone' END AS what, reviewer, reason,
        CASE WHEN adjudicates THEN 'a lead''s last word' WHEN second_opinion THEN 'a second opinion' ELSE '' END AS how,
        note
    FROM decisions WHERE key = $key AND ($all OR reviewer = $reviewer)
    UNION ALL SELECT seq, 'Labelled ' || label, reviewer, '', '', note FROM labels
    WHERE key = $key AND undoes IS NULL AND ($all OR reviewer = $reviewer)
    UNION ALL SELECT seq, 'Verdicts of the judge checked', reviewer, '', '', solver || ' ' || (min(idx) + 1)
    FROM criterion_checks WHERE key = $key AND ($all OR reviewer = $reviewer) GROUP BY seq, reviewer, solver
    UNION ALL SELECT seq, CASE kind WHEN 'comment' THEN 'Comment' ELSE 'Comment settled' END,
        coalesce(data ->> '$.author', data ->> '$.by', ''), '', '', coalesce(data ->> '$.text', '')
    FROM comments WHERE key = $key AND ($all OR coalesce(data ->> '$.author', data ->> '$.by', '') = $reviewer)
    UNION ALL SELECT seq, 'Edited', reviewer,
        replace(array_to_string(CAST(changed::JSON AS VARCHAR[]), ', '), '_', ' '), '', note
    FROM edits WHERE key = $key
) ORDER BY seq
"""
_AUDITED = """
SELECT seq, 'Audit check ' || detector, coverage FROM checks WHERE run = $run AND key = $key
UNION ALL SELECT min(seq), 'Fresh answers, ' || arm, count(*) || ' answers, ' || solver FROM fresh
WHERE run = $run AND key = $key GROUP BY arm, solver
ORDER BY 1
"""
_EXPORTED = """
SELECT e.seq, m.name, m.version, e.items, e.hash FROM members m
JOIN exports e ON e.name = m.name AND e.version = m.version
WHERE m.key = ? ORDER BY e.seq
"""
_ITEMS = """
SELECT m.task_id, any_value(k.question) FROM members m LEFT JOIN tasks k ON k.key = m.key
WHERE m.name = $name AND m.version = $version GROUP BY m.task_id ORDER BY m.task_id LIMIT $most
"""
