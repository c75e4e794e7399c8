"""Splits by document: no source on two sides, stable when tasks are added, the shares that were asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.dataset.plan import make_splits
from autodata.dataset.splits import Placed, SplitSettings, assign_splits, count_splits
from autodata.errors import BadInput

placed = st.builds(
    Placed,
    task_id=st.integers(0, 60).map(lambda number: f"t{number}"),
    run_id=st.sampled_from(["a", "b"]),
    source_id=st.integers(0, 12).map(lambda number: f"s{number}"),
    document=st.sampled_from(["", "one.md", "two.md", "three.md", "four.md"]),
)
many = st.lists(placed, max_size=60, unique_by=lambda one: (one.task_id, one.run_id))
wanted = st.builds(SplitSettings, validation=st.floats(0, 0.4), test=st.floats(0, 0.5), seed=st.integers(0, 5))
groups = st.dictionaries(st.integers(0, 60).map(lambda number: f"t{number}"), st.integers(0, 3))


@given(many, wanted, groups)
def test_no_document_source_text_or_group_of_near_copies_is_in_two_splits(tasks, settings, copies):
    splits = assign_splits(tasks, settings, copies)
    sides: dict[tuple[str, str], set[str]] = {}
    for one in tasks:
        split = splits[one.run_id, one.task_id]
        names = [("document", one.document), ("source", one.source_id), ("copies", str(copies.get(one.task_id, "")))]
        for kind, name in names:
            if name:
                sides.setdefault((kind, name), set()).add(split)
    assert all(len(found) == 1 for found in sides.values())


@given(many, wanted, st.randoms())
def test_order_of_tasks_does_not_matter(tasks, settings, random):
    shuffled = random.sample(tasks, len(tasks))
    assert assign_splits(tasks, settings) == assign_splits(shuffled, settings)


@given(many, wanted)
def test_tasks_stay_where_they_are_when_others_come(tasks, settings):
    apart = [replace(one, source_id=f"{one.document}:{one.source_id}") for one in tasks]
    before = assign_splits(apart[: len(apart) // 2], settings)
    after = assign_splits(apart, settings)
    assert before.items() <= after.items()


@pytest.mark.parametrize("seed", [0, 1])
def test_shares_are_about_those_asked_for(seed):
    tasks = [Placed(f"t{number}", "a", f"s{number}", f"{number}.md") for number in range(4_000)]
    counts = count_splits(assign_splits(tasks, SplitSettings(validation=0.1, test=0.2, seed=seed)).values())
    assert counts["train"] == pytest.approx(2_800, abs=120)
    assert counts["validation"] == pytest.approx(400, abs=80)
    assert counts["test"] == pytest.approx(800, abs=100)


def test_another_seed_draws_other_documents():
    tasks = [Placed(f"t{number}", "a", f"s{number}", f"{number}.md") for number in range(100)]
    one, other = (assign_splits(tasks, SplitSettings(test=0.5, seed=seed)) for seed in (0, 1))
    assert one != other


def test_a_larger_test_share_only_takes_in():
    tasks = [Placed(f"t{number}", "a", f"s{number}", "") for number in range(300)]
    small, large = (assign_splits(tasks, SplitSettings(test=share)) for share in (0.1, 0.3))
    assert {key for key, side in small.items() if side == "test"} < {
        key for key, side in large.items() if side == "test"
    }


def test_shares_that_leave_nothing_for_training_are_refused():
    with pytest.raises(BadInput, match=r"validation 0.5 and test 0.5 leave nothing for training"):
        make_splits(0.5, 0.5)


def test_no_shares_are_no_splits():
    assert make_splits(0.0, 0.0) is None
