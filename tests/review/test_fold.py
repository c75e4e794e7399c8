"""The rule of the current decision, against a slow and obvious one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autodata.journal import Record
from autodata.review.fold import fold_decisions

events = st.lists(
    st.tuples(
        st.sampled_from(["approve", "reject", "flag", "skip", "undo"]),
        st.sampled_from(["t1", "t2", "t3"]),
        st.sampled_from(["Ada", "Bo"]),
        st.booleans(),
        st.integers(0, 30),
    ),
    max_size=40,
)


def make_records(drawn) -> list[Record]:
    records = []
    for seq, (verdict, task, reviewer, second, target) in enumerate(drawn, start=1):
        data = {"decision_id": f"d{seq}", "task_id": task, "verdict": verdict, "reviewer": reviewer}
        data |= {"second_opinion": second, "undoes": f"d{target}" if verdict == "undo" else None}
        records.append(Record(seq, float(seq), "decision", data, "", 0))
    return records


def fold_slowly(records: list[Record]) -> dict[str, str]:
    """Two passes over everything, as the words of the rule say; an undo reaches back only."""
    undone = {r.data["undoes"] for r in records if r.data["verdict"] == "undo" and int(r.data["undoes"][1:]) < r.seq}
    current = {}
    for record in records:
        data = record.data
        if data["verdict"] != "undo" and not data["second_opinion"] and data["decision_id"] not in undone:
            current[data["task_id"]] = data["decision_id"]
    return current


@given(events)
def test_fold_gives_the_latest_that_is_neither_second_nor_undone(drawn):
    records = make_records(drawn)
    folded = fold_decisions(records)
    assert {task: decision.decision_id for task, decision in folded.items()} == fold_slowly(records)


def test_fold_ignores_other_kinds_of_record():
    assert fold_decisions([Record(1, 1.0, "export", {"name": "a"}, "", 0)]) == {}
