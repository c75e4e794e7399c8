"""What the index keeps of extractions and loop verdicts, and how Review draws them."""

import json
from dataclasses import asdict, replace

import pytest

from autodata.agents.extractor import parse_extract
from autodata.agents.filters import find_hits
from autodata.agents.loop_judge import parse_loop_verdict
from autodata.agents.packet import build_packet
from autodata.agents.weighing import Weighing, decide_weighing, describe_weighing
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.weighing import (
    count_suitability,
    find_extract,
    find_weighing,
    list_unsuitable,
    load_weighings,
)
from autodata.journal import JournalWriter
from autodata.recipes.recipe import load_recipe
from autodata.ui.review.weighing import build_weighing
from autodata.ui.tree import check_tree, collect_text
from tests.support.legal import EXTRACT, IMPROVE, VERDICT, make_legal_task, make_rollout

RUN = "legal-0001"
TASK = make_legal_task(id="t1", source_id="a")
LATER = make_legal_task(id="t2", source_id="a", round=2)
IDS = [criterion.id for criterion in TASK.rubric]


def weigh(task, said, **changes):
    weak = [make_rollout(task, "weak", n, set(IDS[: 2 + n])) for n in range(5)]
    packet = build_packet(task, weak, [make_rollout(task, "strong", n, set(IDS[:11])) for n in range(3)])
    verdict = parse_loop_verdict(json.dumps(said))
    hits = find_hits(task.question, load_recipe("legal").limits.filters)
    weighing = Weighing(task, replace(packet, **changes), hits, verdict, *decide_weighing(hits, verdict))
    return {"source": task.source_id, "round": task.round, "task_id": task.id, **describe_weighing(weighing)}


@pytest.fixture
def index(tmp_path):
    home = Home(tmp_path)
    home.journal(RUN).parent.mkdir(parents=True)
    extract = asdict(parse_extract(json.dumps(EXTRACT)))
    refusal = extract | {"suitable": False, "note": "It sets dates only."}
    with JournalWriter(home.journal(RUN)) as journal:
        journal.append("run_started", {"run_id": RUN, "settings": {"domain": "legal"}, "simulated": True})
        for name, title in (("a", "An opinion"), ("b", "An order")):
            journal.append("source", {"source": {"id": name, "title": title, "text": "…"}})
        journal.append("extract", {"source": "a", "extract": extract})
        journal.append("extract", {"source": "b", "extract": refusal})
        long = replace(TASK, question="x" * 1200)
        journal.append("loop_verdict", weigh(long, VERDICT))
        journal.append("loop_verdict", weigh(LATER, VERDICT, softer_rubric=("points fell from 90 to 84",)))
        end = {"source": "b", "outcome": "skipped", "rounds": 0, "reason": "It sets dates only."}
        journal.append("source_done", end)
    with open_index(home) as opened:
        ingest_home(opened, home)
        yield opened


def test_weighing_of_a_task_is_found_by_its_id(index):
    found = find_weighing(index, "t2")
    assert (found.round, found.outcome, found.word, found.suitability) == (2, "accepted", "accept", "high")
    assert found.spread == pytest.approx(2**0.5 * 6 / 84, abs=1e-3)
    assert [row.capability for row in found.capabilities] == ["timeline_analysis", "issue_spotting"]


def test_task_nobody_weighed_has_none(index):
    assert find_weighing(index, "t9") is None


def test_override_and_its_hit_are_kept(index):
    first, second = load_weighings(index, RUN, "a")
    assert (first.outcome, first.overridden) == ("improve", True)
    assert "1,200 characters" in first.hits[0]
    assert not second.overridden


def test_skipped_source_is_listed_with_its_reason(index):
    assert [(each.name, each.reason) for each in list_unsuitable(index, RUN)] == [("An order", "It sets dates only.")]


def test_extract_of_a_source_is_found(index):
    assert find_extract(index, RUN, "a").holdings == tuple(EXTRACT["holdings"])
    assert not find_extract(index, RUN, "b").suitable
    assert find_extract(index, RUN, "c") is None


def test_accepted_tasks_are_counted_by_suitability(index):
    assert count_suitability(index, RUN) == {"high": 1}


def test_run_that_is_deleted_leaves_nothing(index):
    index.home.journal(RUN).unlink()
    ingest_home(index, index.home)
    assert index.query("SELECT count(*) FROM weighings")[0][0] == 0
    assert index.query("SELECT count(*) FROM extracts")[0][0] == 0


def test_later_record_of_a_round_replaces_the_earlier_one(index):
    with JournalWriter(index.home.journal(RUN)) as journal:
        journal.append("loop_verdict", weigh(LATER, IMPROVE))
    ingest_home(index, index.home)
    assert find_weighing(index, "t2").word == "improve"
    assert len(load_weighings(index, RUN, "a")) == 2


def test_evidence_says_word_suitability_capabilities_and_spread(index):
    text = collect_text(check_tree(build_weighing(find_weighing(index, "t2"))))
    for words in ("says accept", "GRPO suitability high", "timeline analysis", "10.1 points", "softer rubric"):
        assert words in text


def test_evidence_says_that_a_filter_overruled_the_judge(index):
    text = collect_text(check_tree(build_weighing(find_weighing(index, "t1"))))
    assert "overruled by a code filter" in text
    assert "at most 1,000 are allowed" in text


def test_texts_of_the_judge_are_text_nodes(index):
    hostile = replace(find_weighing(index, "t2"), verdict_reason="<script>alert(1)</script>")
    assert "<script>alert(1)</script>" in collect_text(check_tree(build_weighing(hostile)))


def test_round_that_no_judge_could_weigh_is_drawn(index):
    silent = dict.fromkeys(("word", "suitability", "verdict_reason", "gap_interpretation"), "")
    silent |= dict.fromkeys(("weak_pattern", "strong_pattern"), "")
    empty = dict.fromkeys(("weak_scores", "strong_scores", "capabilities"), ())
    bare = replace(find_weighing(index, "t2"), **silent, **empty, spread=None)
    text = collect_text(check_tree(build_weighing(bare)))
    assert "was not heard" in text
    assert "none valid" in text


def test_a_concern_that_repeats_what_code_found_is_shown_once(index):
    weighing = find_weighing(index, "t2")
    said = f"The rubric asks for less than the one before: {weighing.softer[0]}."
    text = collect_text(check_tree(build_weighing(replace(weighing, concerns=(said, "It may be recall.")))))
    assert said not in text
    assert "softer than the one before" in text
    assert "It may be recall." in text
