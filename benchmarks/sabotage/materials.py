"""What honest runs are made of: passages of the sample documents, and solver templates of foreign harnesses."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from random import Random

from autodata.canon import hash_text
from autodata.model import Source
from autodata.sources import load_sources

_SAMPLES = Path(__file__).resolve().parents[2] / "samples"

TEMPLATES: tuple[tuple[str, str], ...] = (
    ("", "{context}\n\n{question}"),
    ("You are a careful expert. Answer the question in full.", "{context}\n\n{question}"),
    ("You answer questions from a technical field.", "Context:\n{context}\n\nQuestion:\n{question}"),
    ("", "Read the following and answer.\n\n{context}\n\n{question}\n\nGive your reasoning and a conclusion."),
)
"""Solver templates of honest foreign harnesses: system text and user text."""


def draw_template(rng: Random) -> tuple[str, str]:
    """One of the honest templates."""
    return rng.choice(TEMPLATES)


@lru_cache(maxsize=1)
def make_passages() -> tuple[Source, ...]:
    """Passages of the sample documents."""
    loaded = load_sources([_SAMPLES / name for name in ("cs", "legal", "math")], passage_words=450)
    return loaded.sources


def make_sources(seed: int, count: int) -> tuple[Source, ...]:
    """Passages of the samples in a drawn order, each with a heading of its own so that no two are the same source."""
    passages = list(make_passages())
    Random(f"{seed}:sources").shuffle(passages)
    made = []
    for number in range(count):
        passage = passages[number % len(passages)]
        text = f"{passage.text}\n\nCopy {number // len(passages) + 1} of reading list {seed}."
        made.append(replace(passage, id=hash_text(text)[:16], text=text))
    return tuple(made)
