"""Searches for better recipes, for pages: which there are, the tree of versions, iterations with their evidence."""

from __future__ import annotations

from typing import Any

import orjson

from autodata.index.database import Index
from autodata.index.queries.recipe_rows import (
    IterationDetail,
    IterationRow,
    Samples,
    ScorePoint,
    SearchDetail,
    SearchRow,
    Share,
    VersionRow,
)

__all__ = [
    "IterationDetail",
    "IterationRow",
    "Samples",
    "ScorePoint",
    "SearchDetail",
    "SearchRow",
    "Share",
    "VersionRow",
    "list_iterations",
    "list_promotions",
    "list_scores",
    "list_searches",
    "list_versions",
    "load_files",
    "load_iteration",
    "load_samples",
    "load_search",
]


def list_searches(index: Index) -> list[SearchRow]:
    """All searches and tests, the newest first."""
    return [SearchRow(*row) for row in index.query(_SEARCHES.format(where="", order="ORDER BY o.t DESC, o.name"))]


def load_search(index: Index, name: str) -> SearchDetail | None:
    """One search; None where the index has none of that name."""
    rows = index.query(_SEARCHES.format(where="WHERE o.name = $name", order=""), {"name": name})
    if not rows:
        return None
    (settings, sets, warnings, totals), events = index.query(_DETAIL, {"name": name})[0], _load_events(index, name)
    alarms = [data["sentence"] for kind, data in events if kind == "alarm"]
    confirmations = [data for kind, data in events if kind == "confirmation"]
    return SearchDetail(
        row=SearchRow(*rows[0]),
        settings=orjson.loads(settings),
        sets=orjson.loads(sets),
        warnings=orjson.loads(warnings),
        totals=orjson.loads(totals or "{}"),
        alarm=alarms[-1] if alarms else "",
        confirmation=confirmations[-1] if confirmations else None,
    )


def list_versions(index: Index, name: str) -> list[VersionRow]:
    """The versions of a search in the order in which they were written; parents come before their children."""
    return [_read_version(row) for row in index.query(_VERSIONS, {"name": name})]


def load_files(index: Index, name: str, version: str) -> dict[str, str]:
    """The text of every file of a version; empty where the search has none of that hash."""
    rows = index.query(
        "SELECT files FROM recipe_versions JOIN optimizations o USING (run) WHERE o.name = ? AND version = ?",
        [name, version],
    )
    return orjson.loads(rows[0][0]) if rows else {}


def list_iterations(index: Index, name: str) -> list[IterationRow]:
    """The iterations of a search by number."""
    return [_read_iteration(row) for row in index.query(_ITERATIONS, {"name": name, "number": None})]


def load_iteration(index: Index, name: str, number: int) -> IterationDetail | None:
    """One iteration; None where it was not begun."""
    rows = index.query(_ITERATIONS, {"name": name, "number": number})
    if not rows:
        return None
    (found,) = index.query(_EVIDENCE, {"name": name, "number": number})
    cause, suggestion, file, citations, trajectories, files, analysis_call, edit_call = found
    return IterationDetail(
        row=_read_iteration(rows[0]),
        root_cause=cause or "",
        suggestion=suggestion or "",
        file=file or "",
        citations=orjson.loads(citations or "[]"),
        trajectories=orjson.loads(trajectories or "[]"),
        files=orjson.loads(files or "{}"),
        analysis_call=analysis_call,
        edit_call=edit_call,
    )


def list_scores(index: Index, name: str, purpose: str = "select") -> list[ScorePoint]:
    """Every evaluation for one purpose (select, train, third, test), for a picture of scores over iterations."""
    rows = index.query(_SCORES, {"name": name, "purpose": purpose})
    return [
        ScorePoint(slot, version, iteration, found, t, Share(*counts))
        for slot, version, iteration, found, t, *counts in rows
    ]


def load_samples(index: Index, name: str, version: str) -> Samples | None:
    """Sample tasks of a kept version and its parent; None where none were written."""
    found: Samples | None = None
    for iteration, side, task in index.query(_SAMPLES, {"name": name, "version": version}):
        if found is None:
            found = Samples(iteration)
        (found.parent if side == "parent" else found.child).append(orjson.loads(task))
    return found


def list_promotions(index: Index) -> list[dict[str, Any]]:
    """Every promotion, the newest first: search, t, version, domain, reviewer, reason, replaced, figures."""
    rows = index.query(
        """SELECT o.name, e.t, e.data FROM recipe_events e JOIN optimizations o USING (run)
        WHERE e.kind = 'promoted' ORDER BY e.t DESC, e.seq DESC"""
    )
    return [{"search": name, "t": t, **orjson.loads(data)} for name, t, data in rows]


def _load_events(index: Index, name: str) -> list[tuple[str, dict[str, Any]]]:
    rows = index.query(
        """SELECT e.kind, e.data FROM recipe_events e JOIN optimizations o USING (run) WHERE o.name = ?
        ORDER BY e.seq""",
        [name],
    )
    return [(kind, orjson.loads(data)) for kind, data in rows]


def _read_version(row: tuple[Any, ...]) -> VersionRow:
    shares = [Share(*row[start : start + len(_COUNTS)]) for start in (8, 11, 14)]
    values: list[Any] = [*row[:8], *shares, *row[17:]]
    return VersionRow(*values)


def _read_iteration(row: tuple[Any, ...]) -> IterationRow:
    *first, refusals, numbers, started, ended, calls = row
    parsed = [orjson.loads(refusals or "[]"), orjson.loads(numbers or "{}")]
    values: list[Any] = [*first, *parsed, started, ended, calls]
    return IterationRow(*values)


_SEARCHES = """
WITH phase AS (SELECT run, max_by(state, seq) AS state, max_by(reason, seq) AS reason, max(t) AS t,
        max_by(iterations, seq) FILTER (iterations IS NOT NULL) AS planned FROM search_phases GROUP BY run),
    ends AS (SELECT run, count(*) AS ended, count(*) FILTER (state = 'kept') AS kept,
        count(*) FILTER (state = 'refused') AS refused, max(t) AS t FROM search_decisions GROUP BY run),
    begun AS (SELECT run, count(*) AS begun, max(t) AS t FROM search_iterations GROUP BY run),
    made AS (SELECT run, count(*) AS versions FROM recipe_versions GROUP BY run),
    used AS (SELECT run, sum(calls)::BIGINT AS calls, max(t) AS t FROM recipe_evaluations GROUP BY run),
    totals AS (SELECT run, max_by(totals, seq) AS totals FROM search_phases WHERE totals <> '{{}}' GROUP BY run),
    raised AS (SELECT run, count(*) AS promoted FROM recipe_events WHERE kind = 'promoted' GROUP BY run)
SELECT o.name, o.mode, o.domain, o.policy, o.simulated, o.t, greatest(o.t, p.t, e.t, b.t, u.t),
    CASE WHEN p.state IS NULL OR p.state = 'running' THEN 'open' ELSE p.state END, coalesce(p.reason, ''),
    coalesce(p.planned, o.iterations), coalesce(b.begun, 0), coalesce(e.ended, 0), coalesce(e.kept, 0),
    coalesce(e.refused, 0), coalesce(m.versions, 0), coalesce(r.promoted, 0),
    greatest(coalesce(u.calls, 0), coalesce(json_extract(t.totals, '$.calls')::BIGINT, 0))
FROM optimizations o LEFT JOIN phase p USING (run) LEFT JOIN ends e USING (run) LEFT JOIN begun b USING (run)
LEFT JOIN made m USING (run) LEFT JOIN used u USING (run) LEFT JOIN totals t USING (run) LEFT JOIN raised r USING (run)
{where} {order}
"""

_DETAIL = """
SELECT o.settings, o.sets, o.warnings, max_by(p.totals, p.seq) FILTER (p.totals <> '{}')
FROM optimizations o LEFT JOIN search_phases p USING (run) WHERE o.name = $name
GROUP BY o.settings, o.sets, o.warnings
"""

_KINDS = {
    "selected": "e.purpose = 'select'",
    "again": "e.purpose = 'select' AND e.iteration IS DISTINCT FROM v.iteration",
    "third": "e.purpose IN ('third', 'test')",
}
_COUNTS = ("accepted", "failed", "undecided")
_VERSIONS_TEMPLATE = """
WITH own AS (SELECT v.* FROM recipe_versions v JOIN optimizations o USING (run) WHERE o.name = $name),
    events AS (SELECT run, version, max(kind = 'promoted') AS promoted, max(kind = 'alarm') AS alarmed
        FROM recipe_events GROUP BY run, version),
    measured AS (SELECT e.run, e.version,
            {select}
            sum(e.calls)::BIGINT AS calls
        FROM recipe_evaluations e JOIN own v ON v.run = e.run AND v.version = e.version GROUP BY e.run, e.version),
    held AS (SELECT run, version, sum(real)::BIGINT AS real, sum(real + not_real)::BIGINT AS measured
        FROM recipe_certified GROUP BY run, version)
SELECT v.version, v.parent, v.iteration, v.author, v.note,
    CASE WHEN x.promoted THEN 'promoted' WHEN x.alarmed THEN 'alarmed' WHEN d.state = 'kept' THEN 'candidate'
        WHEN d.state IS NOT NULL THEN 'discarded' ELSE v.begun END,
    v.length, v.t,
    {shown}
    coalesce(h.real, 0), coalesce(h.measured, 0), coalesce(m.calls, 0)
FROM own v LEFT JOIN search_decisions d ON d.run = v.run AND d.iteration = v.iteration AND d.child = v.version
LEFT JOIN events x ON x.run = v.run AND x.version = v.version
LEFT JOIN measured m ON m.run = v.run AND m.version = v.version
LEFT JOIN held h ON h.run = v.run AND h.version = v.version
ORDER BY v.seq
"""
_VERSIONS = _VERSIONS_TEMPLATE.format(
    select=" ".join(
        f"coalesce(sum(e.{count}) FILTER ({kind}), 0)::BIGINT AS {name}_{count},"
        for name, kind in _KINDS.items()
        for count in _COUNTS
    ),
    shown=" ".join(f"coalesce(m.{name}_{count}, 0)," for name in _KINDS for count in _COUNTS),
)

_ITERATIONS = """
SELECT i.iteration, i.parent, coalesce(d.child, x.child), coalesce(d.state, 'open'), coalesce(d.reason, ''),
    coalesce(d.evidence, ''), coalesce(x.summary, ''), x.refusals, d.numbers, i.t, d.t,
    coalesce((SELECT sum(calls) FROM recipe_evaluations e WHERE e.run = i.run AND e.iteration = i.iteration), 0)::BIGINT
FROM search_iterations i JOIN optimizations o USING (run)
LEFT JOIN search_edits x ON x.run = i.run AND x.iteration = i.iteration
LEFT JOIN search_decisions d ON d.run = i.run AND d.iteration = i.iteration
WHERE o.name = $name AND ($number IS NULL OR i.iteration = $number) ORDER BY i.iteration
"""

_EVIDENCE = """
SELECT a.root_cause, a.suggestion, a.file, a.citations, a.trajectories, x.files, a.call_seq, x.call_seq
FROM search_iterations i JOIN optimizations o USING (run)
LEFT JOIN search_analyses a ON a.run = i.run AND a.iteration = i.iteration
LEFT JOIN search_edits x ON x.run = i.run AND x.iteration = i.iteration
WHERE o.name = $name AND i.iteration = $number
"""

_SCORES = """
SELECT e.slot, e.version, e.iteration, e.purpose, max(e.t), sum(e.accepted)::BIGINT, sum(e.failed)::BIGINT,
    sum(e.undecided)::BIGINT
FROM recipe_evaluations e JOIN optimizations o USING (run) WHERE o.name = $name AND e.purpose = $purpose
GROUP BY e.slot, e.version, e.iteration, e.purpose ORDER BY max(e.t), e.slot
"""

_SAMPLES = """
SELECT s.iteration, s.side, s.task FROM recipe_samples s JOIN optimizations o USING (run)
JOIN recipe_versions v ON v.run = s.run AND v.version = $version AND v.iteration = s.iteration
WHERE o.name = $name ORDER BY s.side, s.number
"""
