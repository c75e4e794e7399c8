"""Near copies among many tasks: pairs are found across runs, other tasks are left alone."""

from __future__ import annotations

import random

import numpy as np

from autodata.audit.clusters import sketch_text
from autodata.dataset.copies import link_copies, stack_sketches

RANDOM = random.Random(7)
VOCABULARY = [f"word{number}" for number in range(900)]


def write_text(length: int = 120) -> list[str]:
    return [RANDOM.choice(VOCABULARY) for _ in range(length)]


def test_pair_that_differs_in_a_word_is_one_group_and_others_are_none():
    texts = [write_text() for _ in range(40)]
    copy = [*texts[3]]
    copy[50] = "otherwise"
    ids = [f"t{number}" for number in range(41)]
    sketches = stack_sketches([sketch_text(" ".join(text)) for text in [*texts, copy]])
    assert link_copies(ids, sketches) == {"t3": 3, "t40": 3}


def test_thousand_copies_are_one_group():
    sketch = sketch_text(" ".join(write_text()))
    groups = link_copies([f"t{number}" for number in range(1_000)], stack_sketches([sketch] * 1_000))
    assert set(groups.values()) == {0}
    assert len(groups) == 1_000


def test_texts_without_words_are_like_no_other():
    assert link_copies(["t1", "t2", "t3"], stack_sketches([(), (), sketch_text("one")])) == {}


def test_no_tasks_are_no_groups():
    assert link_copies([], np.zeros((0, 128), dtype=np.uint32)) == {}
