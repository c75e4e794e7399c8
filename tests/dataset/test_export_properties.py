"""What holds of every export: the same bytes from the same inputs, no source in two splits, nothing that was held."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autodata.dataset.contents import read_contents
from autodata.dataset.folder import hash_files
from autodata.dataset.gate import Judged
from autodata.dataset.plan import ExportPlan
from autodata.dataset.policies import APPROVED, GATE_PRESETS, change_policy
from autodata.dataset.selection import select_tasks
from autodata.dataset.splits import SplitSettings
from autodata.dataset.versions import preview_export
from autodata.dataset.writing import write_version
from autodata.home import Home
from autodata.index import Index, open_index
from tests.support.datasets import append, approve, read_items, write_accepted

FORMATS = ("jsonl", "parquet", "csv", "sft", "grpo", "dpo", "hf", "raw")

plans = st.builds(
    ExportPlan,
    policy=st.sampled_from(
        [*GATE_PRESETS.values(), change_policy(APPROVED, one_per_cluster=True), change_policy(APPROVED, quorum=2)]
    ),
    formats=st.just(FORMATS),
    splits=st.none()
    | st.builds(SplitSettings, validation=st.floats(0, 0.3), test=st.floats(0, 0.6), seed=st.integers(0, 9)),
    pseudonyms=st.booleans(),
)
few = settings(
    max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
)
"""An example is two exports in every format; shrinking one would take minutes."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Iterator[tuple[Home, Index, frozenset[str]]]:
    """Three runs, one with requests that differ, one of canaries; everything approved that can be."""
    home = Home(tmp_path_factory.mktemp("home") / "data")
    runs = [write_accepted(home, "cs-1", 9), write_accepted(home, "cs-2", 3, parity_broken=True)]
    planted = write_accepted(home, "cs-3", 2, words=30)
    append(home, "canaries", {"run_id": "cs-3", "copied_from": "cs-1", "tasks": dict.fromkeys(planted.accepted, "leak"),
                              "by": "Lea"})  # fmt: skip
    for run in (*runs, planted):
        approve(home, run, *run.accepted[1:], seen={"violations": 99})
        approve(home, run, run.accepted[0], reviewer="Bo")
    approve(home, runs[0], runs[0].accepted[-1], verdict="reject")
    with open_index(home) as index:
        yield home, index, frozenset(planted.accepted)


@few
@given(plan=plans)
def test_same_inputs_give_the_same_bytes(filled, tmp_path_factory, plan):
    home, index, _ = filled
    made = []
    for _ in range(2):
        selection = preview_export(home, index, plan)
        folder = tmp_path_factory.mktemp("made")
        written = write_version(home, selection, folder, name="set", version="v001", created=0.0)
        made.append((written.hash, hash_files(folder)))
    assert made[0] == made[1]


@few
@given(plan=plans)
def test_only_what_the_gate_lets_through_is_in_any_file_and_no_source_in_two_splits(filled, tmp_path_factory, plan):
    home, index, planted = filled
    selection = preview_export(home, index, plan)
    judged: dict[str, Judged] = {one.task_id: one for _, one in selection.stream_judged(everything=True)}
    folder = tmp_path_factory.mktemp("made")
    write_version(home, selection, folder, name="set", version="v001", created=0.0)
    held = {task_id for task_id, one in judged.items() if one.reason}
    items = read_items(folder)
    assert {item["id"] for item in items} == judged.keys() - held
    assert planted <= held
    lines = {path: path.read_bytes() for path in folder.rglob("*.*") if path.suffix in (".jsonl", ".csv")}
    assert not [(path, task_id) for path, text in lines.items() for task_id in held if task_id.encode() in text]
    assert not [name for name in (*planted, "cs-3") if name.encode() in (folder / "manifest.json").read_bytes()]
    sides: dict[str, set[str]] = {}
    splits = {line.task_id: line.split for line in read_contents(folder)}
    for item in items:
        sides.setdefault(item["source"]["document"], set()).add(splits[item["id"]])
    assert all(len(found) == 1 for found in sides.values())


@few
@given(plan=plans)
def test_dry_run_and_export_agree(filled, plan):
    home, index, _ = filled
    selection = preview_export(home, index, plan)
    again = select_tasks(index, plan)
    assert selection.summary == again.summary
    assert selection.summary.included == sum(1 for _ in selection.stream_leaving())
