import json

import pytest

from autodata.errors import MalformedReply
from autodata.llm.seat import simulated_seats
from autodata.llm.simulator.text import parse_sections
from autodata.optimize.analyst import build_analyst_body, parse_analysis
from autodata.optimize.editor import build_editor_body, parse_edit
from autodata.optimize.trajectories import Trajectory

NONCE = "0" * 24
GIVEN = (
    Trajectory("i1-t1", "run", "s1", "Caches", "exhausted", "round 1: too_easy\nquestion: Why is it fast?"),
    Trajectory("i1-t2", "run", "s2", "Logs", "accepted", "round 1: accepted"),
)


def write_analysis(**changes):
    values = {
        "root_cause": "The questions are easy.",
        "citations": [{"trajectory": "i1-t1", "quote": "too_easy question:", "shows": "easy"}],
        "suggestion": "Ask for a decision.",
        "file": "challenger.md",
    }
    return json.dumps(values | changes)


def test_an_analysis_is_read_with_its_citations():
    analysis = parse_analysis("Let me think.\n" + write_analysis(), GIVEN)
    assert (analysis.root_cause, analysis.file) == ("The questions are easy.", "challenger.md")
    assert [(own.trajectory, own.found) for own in analysis.citations] == [("i1-t1", True)]


def test_words_that_do_not_stand_in_the_trajectory_are_marked():
    cited = [{"trajectory": "i1-t2", "quote": "the weak one was told to fail", "shows": ""}]
    assert not parse_analysis(write_analysis(citations=cited), GIVEN).citations[0].found


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"citations": []}, "cites no trajectory"),
        ({"citations": "i1-t1"}, "cites no trajectory"),
        ({"citations": ["i1-t1"]}, "not an object"),
        ({"citations": [{"trajectory": "i9-t9", "quote": ""}]}, "'i9-t9', which it was not given"),
        ({"root_cause": " "}, "root_cause is missing"),
        ({"suggestion": 3}, "suggestion is int"),
    ],
)
def test_an_analysis_that_cannot_be_used_is_asked_for_again(changes, match):
    with pytest.raises(MalformedReply, match=match):
        parse_analysis(write_analysis(**changes), GIVEN)


def test_the_analyst_reads_files_history_and_trajectories_in_marked_sections():
    body = build_analyst_body(
        simulated_seats().seat("analyst"), {"challenger.md": "Write. {{document}}"}, "none", GIVEN, seed=1, nonce=NONCE
    )
    sections = parse_sections(body["messages"][1]["content"])
    assert json.loads(sections["recipe"]) == {"challenger.md": "Write. {{document}}"}
    assert sections["history"] == "none"
    assert sections["trajectories"].startswith("trajectory i1-t1\ndocument: Caches\n")


def test_an_edit_is_read_as_whole_files():
    edit = parse_edit(json.dumps({"summary": "One.", "edits": [{"file": "challenger.md", "text": "New.\n"}]}))
    assert (edit.summary, edit.files) == ("One.", {"challenger.md": "New.\n"})


@pytest.mark.parametrize(
    ("edits", "match"),
    [
        ([], "changes no file"),
        ({"challenger.md": "x"}, "changes no file"),
        (["challenger.md"], "not an object"),
        ([{"file": "challenger.md"}], "is missing"),
        ([{"file": "a.md", "text": "1"}, {"file": "a.md", "text": "2"}], "twice"),
        ([{"file": f"f{n}.md", "text": ""} for n in range(30)], "changes 30 files"),
    ],
)
def test_an_edit_that_cannot_be_read_is_asked_for_again(edits, match):
    with pytest.raises(MalformedReply, match=match):
        parse_edit(json.dumps({"summary": "", "edits": edits}))


def test_the_editor_never_sees_trajectories():
    analysis = parse_analysis(write_analysis(), GIVEN)
    body = build_editor_body(
        simulated_seats().seat("editor"), {"challenger.md": "Write."}, analysis, "none", seed=1, nonce=NONCE
    )
    text = body["messages"][1]["content"]
    assert "Why is it fast?" not in text
    assert json.loads(parse_sections(text)["analysis"])["suggestion"] == "Ask for a decision."
