"""README.md of a version, for people: what it is, how it was made, what was checked, and what is not known.

No text of a model or a source reaches it. Names that people and files gave stand in code spans, which they cannot
leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autodata.dataset.card_facts import CardFacts, gather_facts
from autodata.dataset.card_header import LINES, render_header
from autodata.dataset.card_text import render_short, render_text
from autodata.dataset.figures import Series, draw_bars
from autodata.dataset.folder import write_durably
from autodata.dataset.formats.hub import FOLDER
from autodata.index.queries.dataset_stats import BINS

__all__ = ["CardFacts", "gather_facts", "render_card", "write_card"]

FIGURES = "figures"


def write_card(folder: Path, manifest: Mapping[str, Any], facts: CardFacts) -> None:
    """Write README.md and its figures into a version's folder and into its Hugging Face folder, and a short README.md
    with the types of its columns beside the files of every other format that has a folder.

    Raises FileExistsError when they are there, OSError when the disk refuses.
    """
    figures = draw_figures(facts)
    for part in ("", FOLDER):
        if (folder / part).is_dir():
            _write(folder / part, render_card(folder, manifest, facts, part), figures)
    for part in LINES:
        if (folder / part).is_dir():
            _write(folder / part, render_part(folder, manifest, facts, part), {})


def render_card(folder: Path, manifest: Mapping[str, Any], facts: CardFacts, part: str = "") -> str:
    """The card of the version in `folder`, or with `part` = hf that of its Hugging Face folder."""
    figures = {name: f"{FIGURES}/{name}" for name in draw_figures(facts)}
    return render_header(manifest, facts.licences, folder, part) + render_text(manifest, facts, figures, part)


def render_part(folder: Path, manifest: Mapping[str, Any], facts: CardFacts, part: str) -> str:
    """The short card beside the files of one format."""
    return render_header(manifest, facts.licences, folder, part) + render_short(manifest, part)


def _write(place: Path, text: str, figures: Mapping[str, bytes]) -> None:
    write_durably(place / "README.md", text.encode())
    if figures:
        (place / FIGURES).mkdir()
    for name, content in figures.items():
        write_durably(place / FIGURES / name, content)


def draw_figures(facts: CardFacts) -> dict[str, bytes]:
    """The figures that there are numbers for, by file name."""
    measures = facts.stats.measures
    tenths = [f"{number / BINS:.1f}" for number in range(BINS + 1)]
    found = {
        "scores.svg": draw_bars(
            "Tasks by mean score of weak and strong",
            [Series("weak", measures.weak_bins), Series("strong", measures.strong_bins)],
            tenths,
            "mean score of the rollouts that decided about the task",
        ),
        "gaps.svg": draw_bars(
            "Tasks by measured gap",
            [Series("measured gap", measures.gap_bins)],
            tenths,
            "strong mean minus weak mean; below 0 counts in the first bar",
        ),
    }
    if facts.audit.certified:
        bins = facts.audit.bins
        found["certified.svg"] = draw_bars(
            "Tasks by certified gap",
            [Series("certified gap", bins)],
            [f"{-1 + 2 * number / len(bins):.1f}" for number in range(len(bins) + 1)],
            "strong mean minus weak mean on fresh answers",
        )
    if measures.tags:
        most = list(measures.tags.items())[:8]
        found["tags.svg"] = draw_bars(
            "Tasks by tag, the commonest",
            [Series("tasks", [count for _, count in most])],
            [str(number + 1) for number in range(len(most))],
            "rank of the tag; the names are in the tasks",
        )
    return found
