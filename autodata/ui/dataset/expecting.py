"""What a trainer may expect, as trees: shares without a signal, lengths, and what the tasks are about."""

from __future__ import annotations

from autodata.dataset.stats import DatasetStats
from autodata.ui.marks import draw_bar
from autodata.ui.parts import Column, build_counts, build_section, build_table
from autodata.ui.text import ABSENT, BAND_WORDS, count_of, format_count
from autodata.ui.tree import Tree, node

TAGS_SHOWN = 10


def build_expectations(stats: DatasetStats) -> Tree:
    """Shares that cost training something, each with a bar; what was not measured has a dash."""
    signal = stats.signal
    rows: list[tuple[str, float | None, str]] = [
        ("All weak rollouts scored 0", signal.all_zero, "no GRPO signal yet"),
        ("All weak rollouts scored 1", signal.all_one, "nothing left to learn"),
        ("All weak rollouts scored the same", signal.equal, "no spread in what was tried"),
        *(
            (f"Groups of {size} without spread, expected", share, "no advantage for GRPO")
            for size, share in signal.no_spread.items()
        ),
        ("Weak answers cut off", stats.truncated["weak"], "raise max_tokens in training"),
        ("Strong answers cut off", stats.truncated["strong"], "left out of SFT and DPO"),
        ("Near copies of another task", stats.near_copies, "the gate can keep one of each group"),
        ("Sources of the runs that are used", stats.coverage, "the others gave no approved task"),
    ]
    cells: list[list[Tree | None]] = [
        [
            words,
            ABSENT if share is None else f"{100 * share:.1f} %",
            draw_bar(share, tone="easy") if share else None,
            node("span", "muted small", note),
        ]
        for words, share, note in rows
    ]
    columns = [Column("Share of the tasks"), Column("", True, "58px"), Column("", width="18%"), Column("", width="32%")]
    return build_table(columns, cells, "What training may expect", fixed=True)


def build_lengths(stats: DatasetStats) -> Tree:
    """Median, 95th percentile, largest and sum of every kind of text, and where the numbers are from."""
    rows: list[list[Tree | None]] = [
        [
            name[:1].upper() + name[1:],
            format_count(round(found.median)),
            format_count(round(found.p95)),
            format_count(round(found.largest)),
            format_count(round(found.total)),
            node("span", "muted small", stats.token_source[name]),
        ]
        for name, found in sorted(stats.tokens.items())
    ]
    columns = [
        Column("Text"),
        Column("median", True, "62px"),
        Column("95 %", True, "62px"),
        Column("largest", True, "62px"),
        Column("sum", True, "84px"),
        Column("", width="76px"),
    ]
    return build_table(columns, rows, "Lengths in tokens", fixed=True)


def build_makeup(stats: DatasetStats) -> list[Tree]:
    """Small sections side by side: bands, tags, kinds, domains, rounds, sources."""
    measures = stats.measures
    total = measures.found
    bands = [(BAND_WORDS.get(name or "none", name), count) for name, count in measures.bands.items()]
    tags = list(measures.tags.items())
    shown, rest = tags[:TAGS_SHOWN], len(tags) - TAGS_SHOWN
    return [
        build_section("Bands", build_counts(bands, tone="accent", total=total)),
        build_section(
            "Tags",
            build_counts(shown) if shown else node("span", "muted", "No task has a tag."),
            f"and {rest} more" if rest > 0 else "",
        ),
        build_section("Kinds of question", _build(measures.question_types, total)),
        build_section("Domains", _build(measures.domains, total)),
        build_section("Found in round", _build({str(n): count for n, count in measures.rounds.items()}, total)),
        build_section("Sources", _build_sources(stats)),
    ]


def _build(counts: dict[str, int], total: int) -> Tree:
    named = [(name or "not said", count) for name, count in counts.items()]
    return build_counts(named, total=total) if named else node("span", "muted", "Nothing is recorded.")


def _build_sources(stats: DatasetStats) -> Tree:
    measures = stats.measures
    used = f"{measures.sources:,} of {count_of(measures.run_sources, 'source')} of the runs have a task here"
    documents = f"from {count_of(measures.documents, 'document')}"
    most = f"at most {count_of(measures.largest_source, 'task')} of one source"
    share = measures.sources / measures.run_sources if measures.run_sources else 0.0
    return node(
        "div",
        {"class": "col", "style": "gap:6px"},
        draw_bar(share, tone="accent"),
        node("span", None, f"{used}, {documents}; {most}."),
    )
