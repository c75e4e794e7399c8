"""What a selection of tasks would teach: pass rates, cut-off answers, lengths, near copies, sources. Counted in SQL.

A selection is a list of task ids; ids that the index does not hold are left out and show in `found`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autodata.index.database import Index
from autodata.model import Solver

BINS = 10
"""Of a score histogram, each a tenth wide; 1 lies in the last."""
MOST = 30
"""Tags, sources and the like that are listed; the rest is counted together."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Rollouts of one side that came out alike: `tasks` with `graded` scores each, `zeros` of them 0 and `ones` 1.

    `binary`: graded as right or wrong, without a rubric.
    """

    binary: bool
    graded: int
    zeros: int
    ones: int
    equal: bool
    tasks: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of one kind of text: mean, median, 95th percentile, largest and sum. `n` texts had one."""

    n: int
    mean: float
    median: float
    p95: float
    largest: float
    total: float


@dataclass(frozen=True, slots=True)
class Endings:
    """How one side's rollouts ended, by status; `cut` of them were truncated, by status or by finish reason."""

    statuses: dict[str, int]
    cut: int

    @property
    def rollouts(self) -> int:
        return sum(self.statuses.values())


@dataclass(frozen=True, slots=True)
class Measures:
    """A selection in counts. Lengths in `bytes` are of UTF-8 text, in `tokens` as the models' servers reported them.

    `clustered` of `audited` tasks share a text with `clusters` in all; `repeated` have the very prompt of another.
    `sources` of `run_sources` sources that the runs had, in `documents` documents.
    """

    asked: int
    found: int
    weak_bins: tuple[int, ...]
    strong_bins: tuple[int, ...]
    gap_bins: tuple[int, ...]
    spreads: dict[Solver, list[Spread]]
    endings: dict[Solver, Endings]
    bytes: dict[str, Lengths]
    tokens: dict[str, Lengths]
    audited: int
    clustered: int
    clusters: int
    repeated: int
    sources: int
    documents: int
    run_sources: int
    largest_source: int
    criteria: Lengths | None
    bands: dict[str, int]
    tags: dict[str, int]
    question_types: dict[str, int]
    domains: dict[str, int]
    parities: dict[str, int]
    rounds: dict[int, int]
    simulated: int


def measure_selection(index: Index, task_ids: Sequence[str]) -> Measures:
    """Measure these tasks. A few full scans; about a second for 100,000 tasks."""
    params = {"tasks": list(task_ids)}

    def count(sql: str) -> dict[str, int]:
        return {str(name or ""): int(n) for name, n in index.query(_CHOSEN + sql, params)}

    facts = index.records(_CHOSEN + _FACTS, params)[0]
    spreads: dict[Solver, list[Spread]] = {"weak": [], "strong": []}
    for solver, *rest in index.query(_CHOSEN + _SPREADS, params):
        spreads[solver].append(Spread(*rest))
    statuses: dict[Solver, dict[str, int]] = {"weak": {}, "strong": {}}
    cut: dict[Solver, int] = {"weak": 0, "strong": 0}
    for solver, status, n, truncated in index.query(_CHOSEN + _ENDINGS, params):
        statuses[solver][status] = n
        cut[solver] += truncated
    lengths = {name: Lengths(*row) for name, *row in index.query(_CHOSEN + _BYTES, params) if row[0]}
    return Measures(
        asked=len(set(task_ids)),
        weak_bins=_read_bins(index, params, "weak"),
        strong_bins=_read_bins(index, params, "strong"),
        gap_bins=_read_bins(index, params, "gap"),
        spreads=spreads,
        endings={solver: Endings(statuses[solver], cut[solver]) for solver in statuses},
        criteria=lengths.pop("criteria", None),
        bytes=lengths,
        tokens={name: Lengths(*row) for name, *row in index.query(_CHOSEN + _TOKENS, params) if row[0]},
        bands=count("SELECT band, count(*) FROM chosen GROUP BY 1 ORDER BY 2 DESC, 1"),
        tags=count(_TAGS),
        question_types=count(_list_most("question_type")),
        domains=count(_list_most("domain")),
        parities=count("SELECT parity, count(*) FROM chosen GROUP BY 1 ORDER BY 2 DESC, 1"),
        rounds=dict(index.query(_CHOSEN + "SELECT round, count(*) FROM chosen GROUP BY 1 ORDER BY 1", params)),
        **facts,
    )


def _read_bins(index: Index, params: dict[str, Any], column: str) -> tuple[int, ...]:
    """Counts by tenths from 0; a gap below 0 counts in the first bin."""
    rows = index.query(
        f"""{_CHOSEN} SELECT greatest(0, least({BINS - 1}, floor({column} * {BINS})))::INTEGER, count(*)
        FROM chosen WHERE {column} IS NOT NULL GROUP BY 1""",
        params,
    )
    found = dict(rows)
    return tuple(found.get(number, 0) for number in range(BINS))


def _list_most(column: str) -> str:
    return f"SELECT {column}, count(*) FROM chosen GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}"


_CHOSEN = """
WITH chosen AS (
    SELECT r.run, r.key, r.task_id, r.source_id, r.round, r.band, r.parity, r.weak, r.strong, r.gap, k.question_type,
        k.context, k.question, k.reference_answer, k.rubric, k.tags, u.domain, u.simulated, k.rubric = '[]' AS plain
    FROM (SELECT * FROM rounds WHERE task_id IN (SELECT unnest($tasks))) r
    JOIN tasks k ON k.run = r.run AND k.key = r.key
    JOIN runs u ON u.run = r.run
    QUALIFY row_number() OVER (PARTITION BY r.key, r.task_id ORDER BY r.run) = 1
),
answered AS (
    SELECT o.*, c.plain FROM (
        SELECT * FROM rollouts WHERE purpose = 'select' AND task_id IN (SELECT unnest($tasks))
    ) o JOIN chosen c ON c.run = o.run AND c.task_id = o.task_id
)
"""
_FACTS = """
, copies AS (
    SELECT a.cluster, count(*) AS n FROM audits a JOIN chosen USING (run, key) WHERE a.cluster IS NOT NULL
    GROUP BY 1 HAVING count(*) > 1
)
SELECT count(*) AS found, count(*) FILTER (simulated) AS simulated,
    (SELECT count(*) FROM audits a JOIN chosen USING (run, key)) AS audited,
    (SELECT coalesce(sum(n), 0)::BIGINT FROM copies) AS clustered, (SELECT count(*) FROM copies) AS clusters,
    (SELECT coalesce(sum(n), 0)::BIGINT FROM (SELECT count(*) AS n FROM chosen GROUP BY hash(context), hash(question)
        HAVING count(*) > 1)) AS repeated,
    (SELECT count(DISTINCT source_id) FROM chosen) AS sources,
    (SELECT count(DISTINCT coalesce(nullif(s.document, ''), s.source_id)) FROM chosen c
        JOIN sources s ON s.run = c.run AND s.source_id = c.source_id) AS documents,
    (SELECT count(DISTINCT source_id) FROM sources WHERE run IN (SELECT run FROM chosen)) AS run_sources,
    (SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM chosen GROUP BY source_id)) AS largest_source
FROM chosen
"""
_SPREADS = """
SELECT solver, plain, graded, zeros, ones, equal, count(*) FROM (
    SELECT run, task_id, solver, any_value(plain) AS plain, count(score) AS graded,
        count(*) FILTER (score <= 0) AS zeros, count(*) FILTER (score >= 1) AS ones, min(score) = max(score) AS equal
    FROM answered WHERE score IS NOT NULL GROUP BY run, task_id, solver
) GROUP BY ALL ORDER BY ALL
"""
_ENDINGS = """
SELECT solver, status, count(*), count(*) FILTER (status = 'truncated' OR finish_reason = 'length')
FROM answered GROUP BY ALL ORDER BY ALL
"""
_SUMMARY = """count(x), coalesce(avg(x), 0)::DOUBLE, coalesce(median(x), 0)::DOUBLE,
    coalesce(quantile_cont(x, 0.95), 0)::DOUBLE, coalesce(max(x), 0)::DOUBLE, coalesce(sum(x), 0)::DOUBLE"""
_BYTES = f"""
SELECT name, {_SUMMARY} FROM (
    SELECT 'prompt' AS name, strlen(context) + strlen(question) + 2 * (context <> '')::INTEGER AS x FROM chosen
    UNION ALL SELECT 'reference', nullif(strlen(reference_answer), 0) FROM chosen
    UNION ALL SELECT 'rubric', strlen(rubric) FROM chosen WHERE NOT plain
    UNION ALL SELECT 'criteria', json_array_length(rubric) FROM chosen WHERE NOT plain
    UNION ALL SELECT a.solver || ' answer', nullif(strlen(t.text), 0) FROM answered a JOIN texts t ON t.no = a.text_no
) GROUP BY name ORDER BY name
"""
_TOKENS = f"""
, spent AS (
    SELECT a.run, a.task_id, a.solver, c.prompt_tokens, c.completion_tokens
    FROM answered a JOIN calls c ON c.run = a.run AND c.seq = a.answer_call
)
SELECT name, {_SUMMARY} FROM (
    SELECT solver || ' answer' AS name, completion_tokens AS x FROM spent
    UNION ALL SELECT 'prompt', max(prompt_tokens) FROM spent WHERE solver = 'weak' GROUP BY run, task_id
) GROUP BY name ORDER BY name
"""
_TAGS = f"""
SELECT tag, count(*) FROM (SELECT unnest(from_json(tags, '["VARCHAR"]')) AS tag FROM chosen)
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}
"""
