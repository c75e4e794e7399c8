"""Import → export → import keeps everything the generic format holds, for foreign files and for runs of our own."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autodata.home import Home
from autodata.importing.render import render_run
from autodata.importing.store import import_path
from tests.importing.builders import RunDb, make_line, make_paper, make_paper_round, write_json, write_lines
from tests.support.journals import write_run

CLAIMS = ("too_easy", "failed_on_strong", "narrow_gap", "failed_quality", "undecided", "improve")
words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12).filter(str.strip)
unit = st.floats(0, 1).map(lambda value: round(value, 6))


def bring_back(home: Home, lines: list[bytes], name: str) -> list[dict[str, Any]]:
    """The lines imported as a file and written out again."""
    path = home.root / name
    home.root.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    report = import_path(home, path)
    assert report.unused == ()
    return [orjson.loads(line) for line in render_run(home.journal(report.run_id))]


@st.composite
def make_rollouts(draw: st.DrawFn, ids: list[str]) -> list[dict[str, Any]]:
    found = []
    for solver in ("weak", "strong"):
        for index in range(draw(st.integers(0, 2))):
            rollout: dict[str, Any] = {"solver": solver, "index": index, "graded_by": "judge"}
            if draw(st.booleans()):
                rollout["answer"] = draw(st.one_of(words, st.just("")))
            if draw(st.booleans()):
                rollout["finish_reason"] = draw(st.sampled_from(["stop", "length", "odd"]))
            if ids and draw(st.booleans()):
                rollout["verdicts"] = {own: draw(st.one_of(st.booleans(), st.floats(0.1, 0.9))) for own in ids}
            elif draw(st.booleans()):
                rollout["score"] = draw(unit)
            if draw(st.booleans()):
                rollout["stated"] = {"value": draw(unit), "formula": draw(words), "low": 0.0, "high": 2.0}
            if draw(st.booleans()):
                rollout |= {"request": {"model": "m", "messages": [{"role": "user", "content": draw(words)}]}}
                rollout |= {"model": "m", "usage": {"prompt_tokens": draw(st.integers(0, 99))}}
            if draw(st.booleans()):
                rollout |= {"judge_request": {"model": "j"}, "judge_reply": draw(words), "judge_model": "j"}
            if draw(st.booleans()):
                rollout["note"] = draw(words)
            found.append(rollout)
    return found


@st.composite
def make_lines(draw: st.DrawFn) -> dict[str, Any]:
    rounds = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        task: dict[str, Any] = {"question": draw(words)}
        for name in ("context", "reference_answer"):
            if draw(st.booleans()):
                task[name] = draw(st.one_of(words, st.just("")))
        ids = [f"c{at}" for at in range(draw(st.integers(0, 3)))]
        if ids or draw(st.booleans()):
            task["rubric"] = [
                {"id": own, "criterion": draw(words), "weight": float(draw(st.sampled_from([1, 2.5, 7])))}
                for own in ids
            ]
        if draw(st.booleans()):
            task["tags"] = draw(st.lists(words, min_size=1, max_size=2))
        item: dict[str, Any] = {"round": number, "task": task, "outcome": draw(st.sampled_from(CLAIMS))}
        if draw(st.booleans()):
            item["feedback"] = draw(words)
        if draw(st.booleans()):
            item["reviews"] = [{"passed": draw(st.booleans()), "by": "verifier", "purpose": "review", "feedback": "f"}]
        if draw(st.booleans()):
            call = {"role": "challenger", "purpose": "write", "attempt": 0, "model": "c", "response": draw(words)}
            item["calls"] = [{**call, "request": {"model": "c", "messages": []}, "cost": draw(unit)}]
        item["rollouts"] = draw(make_rollouts(ids))
        rounds.append(item)
    line = {"source": {"id": draw(words), "title": draw(words)}, "rounds": rounds}
    if draw(st.booleans()):
        line["source"]["text"] = draw(words)
    if draw(st.booleans()):
        line["models"] = {"weak": draw(words), "strong": draw(words)}
    if draw(st.booleans()):
        line["domain"] = "cs"
    return line


def assert_held(given_value: Any, kept: Any, where: str = "line") -> None:
    """Everything in the first value stands in the second, at the same place. Outcomes and reasons are decided anew."""
    if isinstance(given_value, dict):
        for name, value in given_value.items():
            if name in ("outcome", "reason", "policy") or value in (None, [], {}):
                continue
            assert name in kept, f"{where}.{name} is lost"
            assert_held(value, kept[name], f"{where}.{name}")
    elif isinstance(given_value, list):
        assert len(given_value) == len(kept), where
        for at, (one, other) in enumerate(zip(given_value, kept, strict=True)):
            assert_held(one, other, f"{where}[{at}]")
    else:
        assert given_value == kept, where


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(make_lines(), min_size=1, max_size=2, unique_by=lambda line: line["source"]["id"]))
def test_everything_the_format_holds_survives(lines):
    # Files of one line may all say their domain; of several it is the union.
    lines = [{**line, "domain": lines[0].get("domain")} for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        first = bring_back(home, [json.dumps(line).encode() + b"\n" for line in lines], "a.jsonl")
        for line, kept in zip(lines, first, strict=True):
            assert_held(line, kept)
        second = bring_back(home, [orjson.dumps(line) + b"\n" for line in first], "b.jsonl")
        assert second == first


def test_run_of_our_own_survives(tmp_path):
    home = Home(tmp_path)
    write_run(home, "cs-0001", 6, seed=3)
    first = [orjson.loads(line) for line in render_run(home.journal("cs-0001"))]
    assert len(first) == 6
    second = bring_back(home, [orjson.dumps(line) + b"\n" for line in first], "own.jsonl")
    assert_held(first, second)
    outcomes = [[r["outcome"] for r in line["rounds"]] for line in first]
    assert [[r["outcome"] for r in line["rounds"]] for line in second] == outcomes
    assert all(line["simulated"] for line in second)


def test_autosynth_survives_as_generic_lines(tmp_path):
    home = Home(tmp_path)
    db = RunDb(tmp_path / "run.db", extra={"api_key": "k"}, strong_extra={"sauce": 1})
    db.add_item()
    db.add_round(total=0.4, audit={"passed": True, "failures": []})
    db.add_item("i2", state="REJECTED")
    db.add_round("i2", weak=(None, (0.1, 0.2)), accepted=False)
    report = import_path(home, db.close())
    first = [orjson.loads(line) for line in render_run(home.journal(report.run_id))]
    second = bring_back(home, [orjson.dumps(line) + b"\n" for line in first], "a.jsonl")
    assert second == first


def test_scores_without_marks_survive_as_generic_lines(tmp_path):
    home = Home(tmp_path)
    rounds = [make_paper_round(1, "ACCEPTED", [0.2, 0.3], [0.8, 0.9], "accepted")]
    report = import_path(home, write_json(tmp_path / "p.json", make_paper(*rounds)))
    first = [orjson.loads(line) for line in render_run(home.journal(report.run_id))]
    assert bring_back(home, [orjson.dumps(line) + b"\n" for line in first], "a.jsonl") == first


def test_rule_of_each_line_survives(tmp_path):
    home = Home(tmp_path)
    lines = [make_line(), make_line(policy={"name": "custom", "weak_mean_max": 0.1})]
    report = import_path(home, write_lines(tmp_path / "g.jsonl", *lines))
    first = [orjson.loads(line) for line in render_run(home.journal(report.run_id))]
    assert [line["policy"]["weak_mean_max"] for line in first] == [0.65, 0.1]
    assert bring_back(home, [orjson.dumps(line) + b"\n" for line in first], "a.jsonl") == first
