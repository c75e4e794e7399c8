"""The head-to-head: what peers are answered, how their processes are counted, and who is never called beaten."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from benchmarks.fixed_endpoint import run_endpoint, write_reply
from benchmarks.peering.contenders import OURS, RAW, Contender, list_peers
from benchmarks.peering.endpoint import answer
from benchmarks.peering.match import Match
from benchmarks.peering.starting import DidNotRun, Killed, Measured, kill_and_resume, measure
from benchmarks.peering.work import SIZES, Done, Job, write_prompt
from benchmarks.peers import list_bars, list_rows

PROGRAM = """
import json, pathlib, sys, urllib.request
job = json.loads(sys.argv[1])
def call():
    body = json.dumps({"model": "fixed-weak", "messages": [{"role": "user", "content": "ROLE:WEAK 1"}]}).encode()
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(job["address"] + "/v1/chat/completions", body, headers)).read()
"""
SETTINGS = argparse.Namespace(sources=2, calls=4, slots=32, repeats=1, only=["loop"])


def ask(content: str, model: str = "fixed-weak") -> tuple[dict, str]:
    return answer({"model": model, "messages": [{"role": "user", "content": content}]}, "fixed")


def make_contender(folder: Path, rest: str) -> Contender:
    (folder / "program.py").write_text(PROGRAM + rest)
    return Contender("program", "1", Path(sys.executable), "program", {})


def make_measured(calls: int, seconds: float) -> Measured:
    return Measured(calls, seconds, work=calls * 0.05, peak=2, cpu_s=0.1, wall_s=1.0, done=Done(calls))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with run_endpoint(0.0, module="benchmarks.peering.endpoint") as address:
        yield address


@pytest.mark.parametrize(
    ("named", "stage"), [("QUALITY", "verifier"), ("JUDGE", "judge"), ("SOLVER", "strong"), ("REFLECTION", "verifier")]
)
def test_a_prompt_that_names_its_stage_is_timed_as_that_stage(named: str, stage: str) -> None:
    asked, _ = ask(f"ROLE:{named}. Do it.", model="fixed-strong")
    assert asked["model"] == f"fixed-{stage}"


@pytest.mark.parametrize(("effort", "total"), [("strong", 0.75), ("plain", 0.375)])
def test_a_peers_judge_grades_by_the_answer_it_is_shown(effort: str, total: float) -> None:
    _, answered = ask(f"ROLE:{effort.replace('plain', 'weak').upper()} 1")
    _, text = ask(f"ROLE:JUDGE. Answer: {answered}")
    assert orjson.loads(text)["total"] == total


def test_the_products_own_request_is_answered_as_ever() -> None:
    body = {"model": "fixed-weak", "seed": 3, "messages": [{"role": "user", "content": "Which bound?"}]}
    assert answer(body, "fixed") == (body, write_reply(body))


def test_a_prompt_has_the_size_of_its_stage_and_ends_as_asked() -> None:
    prompt = write_prompt("judge", 7, " the end")
    assert len(prompt) == SIZES["judge"]
    assert prompt.endswith(" the end")
    assert prompt != write_prompt("judge", 8, " the end")


def test_a_peer_without_an_environment_is_missing_with_the_reason(tmp_path: Path) -> None:
    assert all("--peers" in peer.why_not for peer in [*list_peers(None), *list_peers(tmp_path)])


def test_calls_are_counted_by_the_endpoint(tmp_path: Path, address: str) -> None:
    rest = (
        'for _ in range(3): call()\npathlib.Path(\'done.json\').write_text(\'{"finished": 3, "notes": ["as told"]}\')\n'
    )
    measured = measure(make_contender(tmp_path, rest), Job("calls", address, 3, 1, str(tmp_path)), 30)
    assert (measured.calls, measured.peak, measured.done) == (3, 1, Done(3, ("as told",)))


def test_a_program_that_fails_did_not_run_and_says_why(tmp_path: Path, address: str) -> None:
    contender = make_contender(tmp_path, "sys.exit('no such model')\n")
    with pytest.raises(DidNotRun, match="exit code 1: no such model"):
        measure(contender, Job("calls", address, 1, 1, str(tmp_path)), 30)


def test_a_program_that_says_nothing_of_its_work_did_not_run(tmp_path: Path, address: str) -> None:
    with pytest.raises(DidNotRun, match="without saying"):
        measure(make_contender(tmp_path, "call()\n"), Job("calls", address, 1, 1, str(tmp_path)), 30)


def test_calls_before_and_after_a_kill_are_added_up(tmp_path: Path, address: str) -> None:
    rest = (
        "import time\nfor _ in range(2): call()\nif not job['resume']: time.sleep(60)\n"
        "pathlib.Path('done.json').write_text('{\"finished\": 2, \"notes\": []}')\n"
    )
    killed = kill_and_resume(make_contender(tmp_path, rest), Job("kill", address, 2, 1, str(tmp_path)), 2, 30)
    assert killed == Killed(before=2, calls=4, done=Done(2))


def test_time_over_ideal_spreads_the_latencies_over_the_slots() -> None:
    assert make_measured(calls=40, seconds=1.5).find_over_ideal(slots=2) == pytest.approx(1.5)


def test_processor_time_a_call_leaves_start_up_out() -> None:
    match = Match([], 32, 1)
    match.results["calls", OURS] = [
        replace(make_measured(100, 1.0), cpu_s=1.9),
        replace(make_measured(100, 1.0), cpu_s=3),
    ]
    match.short["calls", OURS] = replace(make_measured(10, 1.0), cpu_s=1.0)
    assert match.find_cpu_ms("calls", OURS) == pytest.approx(10.0)


def test_a_peer_that_did_not_run_is_a_row_and_no_bar() -> None:
    peer = Contender("autosynth", "0.4.0", Path(), "none", {}, why_not="not installed")
    match = Match([Contender(RAW, "", Path(), "", {}), Contender(OURS, "1", Path(), "", {}), peer], 32, 1)
    match.results["loop", RAW] = [make_measured(28, 1.0)]
    match.results["loop", OURS] = [make_measured(28, 2.0)]
    match.short = {key: make_measured(3, 1.0) for key in match.results}
    match.skipped["loop", "autosynth"] = peer.why_not
    rows = list_rows(match, {"loop": 28}, sources=2, calls=4)
    assert [row[-1] for row in rows if row[1].startswith("autosynth")] == ["skipped: not installed"]
    assert not [bar for bar in list_bars(match, SETTINGS) if "autosynth" in bar.name]


def test_a_case_that_the_product_did_not_finish_fails_its_bar() -> None:
    match = Match([], 32, 1)
    match.skipped["loop", OURS] = "exit code 1"
    bars = {bar.name: bar for bar in list_bars(match, SETTINGS)}
    assert not bars["cases the product did not finish"].ok
    assert not bars["H1 loop: share of raw aiohttp"].ok
