"""Labels against a real journal file, from threads and from other processes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.audit.labelled import LABELS
from autodata.errors import BadInput, HeldElsewhere
from autodata.home import Home
from autodata.journal import JournalWriter, Record, read_records, verify_journal
from autodata.review.decisions import record_decision
from autodata.review.label_fold import UNDO, LabelState, fold_labels
from autodata.review.labels import current_labels, record_label, undo_label
from autodata.review.shared import current_decisions

SHA = "a" * 64


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def give(home: Home, label: str = "luck", task: str = "t1", reviewer: str = "Ada", **more):
    return record_label(home, task_id=task, run_id="r1", content_sha=SHA, label=label, reviewer=reviewer, **more)


def standing(home: Home, task: str = "t1") -> dict[str, str]:
    return {one.reviewer: one.label for one in current_labels(home).get(task, ())}


def test_label_is_appended_with_everything_the_reviewer_gave(home):
    result = give(home, "artefact", note=" cut off ", blind=True, inclusion=0.05, detectors=("K2", "S9"))
    (record,) = read_records(home.reviews)
    assert record.kind == "label"
    assert record.data == {
        "label_id": result.label_id,
        "task_id": "t1",
        "run_id": "r1",
        "content_sha": SHA,
        "label": "artefact",
        "reviewer": "Ada",
        "note": "cut off",
        "blind": True,
        "inclusion": 0.05,
        "detectors": ["S9", "K2"],
        "undoes": None,
    }
    assert result.message == "Labelled artefact: t1."
    assert verify_journal(home.reviews).ok


def test_changing_appends_and_the_latest_holds(home):
    give(home, "luck")
    assert give(home, "honest_hard").message == "Labelled honest-hard: t1 (was luck)."
    assert standing(home) == {"Ada": "honest_hard"}
    assert len(list(read_records(home.reviews))) == 2


def test_two_reviewers_may_differ(home):
    give(home, "luck", reviewer="Ada")
    give(home, "invalid", reviewer="Bo")
    assert standing(home) == {"Ada": "luck", "Bo": "invalid"}


def test_the_same_label_again_records_nothing(home):
    first = give(home, "luck", note="why")
    again = give(home, "luck", note="why")
    assert (again.recorded, again.label_id) == (False, first.label_id)
    assert give(home, "luck", note="another reason").recorded


def test_a_label_on_changed_content_is_a_new_one(home):
    give(home, "luck")
    changed = record_label(home, task_id="t1", run_id="r1", content_sha="b" * 64, label="luck", reviewer="Ada")
    assert changed.recorded


def test_undo_brings_back_what_stood_before(home):
    give(home, "luck")
    give(home, "invalid")
    assert undo_label(home, "Ada").message == "Undone: t1 is no longer labelled invalid by Ada."
    assert standing(home) == {"Ada": "luck"}
    undo_label(home, "Ada")
    assert current_labels(home) == {}
    with pytest.raises(BadInput, match="nothing to undo"):
        undo_label(home, "Ada")


def test_undo_takes_back_ones_own_only(home):
    given_by_bo = give(home, "luck", reviewer="Bo")
    with pytest.raises(BadInput, match="nothing to undo"):
        undo_label(home, "Ada")
    with pytest.raises(BadInput, match="Ada has no label"):
        give(home, UNDO, reviewer="Ada", undoes=given_by_bo.label_id)
    assert standing(home) == {"Bo": "luck"}


def test_a_named_label_is_taken_back_once(home):
    first = give(home, "luck")
    give(home, "invalid", task="t2")
    give(home, UNDO, undoes=first.label_id)
    assert standing(home) == {}
    assert standing(home, "t2") == {"Ada": "invalid"}
    with pytest.raises(BadInput, match="could be undone"):
        give(home, UNDO, undoes=first.label_id)


def test_labels_and_decisions_share_the_journal_and_leave_each_other_alone(home):
    give(home, "honest_hard")
    record_decision(home, task_id="t1", run_id="r1", content_sha=SHA, verdict="approve", reviewer="Ada")
    undo_label(home, "Ada")
    assert current_decisions(home)["t1"].verdict == "approve"
    assert standing(home) == {}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"label": "guilty"}, "label 'guilty' is unknown; choose one of sabotage, artefact"),
        ({"label": UNDO}, "names the label it takes back"),
        ({"undoes": "l1"}, "names the label it takes back"),
        ({"reviewer": " "}, "reviewer's name"),
        ({"task": ""}, "needs a task"),
        ({"inclusion": 0.0}, "chance 0.0"),
        ({"inclusion": 1.5}, "chance 1.5"),
        ({"detectors": ("S99",)}, "S99"),
        ({"note": "x" * 20_000}, "the note has 20,000 characters"),
    ],
)
def test_bad_input_is_named_and_nothing_written(home, changes, wrong):
    with pytest.raises(BadInput, match=wrong):
        give(home, **changes)
    assert list(read_records(home.reviews)) == []


def test_a_held_journal_is_reported(home, monkeypatch):
    opened = JournalWriter.open_tail.__func__
    monkeypatch.setattr(JournalWriter, "open_tail", classmethod(lambda cls, path: opened(cls, path, wait_s=0.02)))
    with JournalWriter.open_tail(home.reviews), pytest.raises(HeldElsewhere):
        give(home)


def test_a_torn_last_line_loses_no_label(home):
    give(home, "luck")
    with home.reviews.open("ab") as file:
        file.write(b'{"seq":2,"kind":"label","half')
    assert standing(home) == {"Ada": "luck"}
    give(home, "invalid", task="t2")
    assert standing(home, "t2") == {"Ada": "invalid"}
    assert verify_journal(home.reviews).ok


def test_labels_from_many_threads_all_stand(home):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: give(home, LABELS[n % 6], task=f"t{n}", reviewer=f"R{n % 3}"), range(30)))
    assert len(current_labels(home)) == 30
    assert verify_journal(home.reviews).ok


def test_labels_from_another_process_are_seen(home):
    give(home, "luck")
    assert standing(home) == {"Ada": "luck"}
    code = (
        "from autodata.home import Home\nfrom autodata.review.labels import record_label\nfrom pathlib import Path\n"
        f"record_label(Home(Path({str(home.root)!r})), task_id='t1', run_id='r1', content_sha={SHA!r}, "
        "label='invalid', reviewer='Bo')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert standing(home) == {"Ada": "luck", "Bo": "invalid"}
    assert undo_label(home, "Bo").task_id == "t1"


acts = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["Ada", "Bo"]), st.sampled_from([*LABELS, UNDO])),
    max_size=20,
)


@settings(deadline=None)
@given(acts)
def test_the_fold_can_stop_and_go_on_anywhere_and_undo_is_the_reverse_of_labelling(history):
    records, stacks = [], {"Ada": [], "Bo": []}
    for number, (task, reviewer, label) in enumerate(history):
        undoes = None
        if label == UNDO:
            if not stacks[reviewer]:
                continue
            task, undoes, _ = stacks[reviewer].pop()
        else:
            stacks[reviewer].append((task, f"l{number}", label))
        data = {"label_id": f"l{number}", "task_id": task, "label": label, "reviewer": reviewer, "undoes": undoes}
        records.append(Record(number + 1, float(number), "label", data, "", 0))
    wanted: dict[str, dict[str, str]] = {}
    for reviewer, stack in stacks.items():
        for task, _, label in stack:
            wanted.setdefault(task, {})[reviewer] = label
    found = {task: {one.reviewer: one.label for one in own} for task, own in fold_labels(records).items()}
    assert found == wanted
    state = LabelState()
    for record in records:
        state.apply(record)
    assert state.list_current() == fold_labels(records)
