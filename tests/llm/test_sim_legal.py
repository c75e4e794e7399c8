"""The simulated extractor, writer and loop judge: known by their prompts, working through text, shaped like Table 3."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import fmean, median

import pytest

from autodata.agents import challenger, extractor, judge, loop_judge, solver
from autodata.agents.checks import check_task
from autodata.agents.feedback import FailedRound
from autodata.agents.filters import find_hits
from autodata.agents.packet import Packet, build_packet
from autodata.agents.weighing import Weighing, decide_weighing, render_detail
from autodata.canon import derive_seed
from autodata.llm.seat import simulated_seats
from autodata.llm.simulator.config import SimulatorConfig
from autodata.llm.simulator.legal.loop_judge import weigh_packet
from autodata.llm.simulator.legal.writer import LastRound, draw_legal_difficulty, read_last_round, write_legal_task
from autodata.llm.simulator.models import SimulatedModels
from autodata.llm.simulator.wire import parse_call
from autodata.model import Rollout, Source, Task
from autodata.recipes.recipe import load_recipe
from autodata.scoring import score_verdicts

SAMPLES = Path(__file__).parents[2] / "samples" / "legal"
ORDER = (SAMPLES / "quarrendon-v-estley-scheduling-order.md").read_text(encoding="utf-8")
OPINIONS = [
    path.read_text(encoding="utf-8") for path in sorted(SAMPLES.iterdir()) if not path.name.startswith("quarrendon")
]
SEATS, RECIPE, NONCE = simulated_seats(), load_recipe("legal"), "0a1b2c3d4e5f60718293a4b5"


@dataclass
class Tally:
    """What a run over some sources came to."""

    first: list[Packet] = field(default_factory=list)
    accepted: list[Packet] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)


def ask(models: SimulatedModels, body: dict[str, object]) -> str:
    return models.write(parse_call(body)).content


def roll_out(models: SimulatedModels, task: Task, side: str, count: int, seed: int) -> list[Rollout]:
    rollouts = []
    for index in range(count):
        own = derive_seed(seed, side, index)
        answer = ask(models, solver.build_solver_body(SEATS.seat(side), task, seed=own))  # type: ignore[arg-type]
        body = judge.build_judge_body(SEATS.seat("judge"), RECIPE, task, answer, seed=own, nonce=NONCE)
        verdicts = judge.parse_verdicts(ask(models, body), task.rubric)
        score = score_verdicts(task.rubric, {verdict.criterion_id: verdict.met for verdict in verdicts})
        rollouts.append(Rollout(side, index, "select", "ok", answer, "", "stop", score, verdicts, None, None))  # type: ignore[arg-type]
    return rollouts


def run_source(models: SimulatedModels, source: Source, tally: Tally) -> None:
    """The loop's rules without its journal."""
    failures: list[FailedRound] = []
    before: Task | None = None
    for number in range(1, RECIPE.limits.rounds_max + 1):
        seed = derive_seed(source.id, number)
        body = challenger.build_challenger_body(
            SEATS.seat("challenger"), RECIPE, source, failures, seed=seed, nonce=NONCE
        )
        draft = challenger.parse_draft(ask(models, body), RECIPE.limits)
        task = challenger.make_task(draft, "run", source.id, number)
        assert check_task(task, RECIPE).passed
        weak, strong = roll_out(models, task, "weak", 5, seed), roll_out(models, task, "strong", 3, seed)
        hits = find_hits(task.question, RECIPE.limits.filters)
        packet = build_packet(
            task, weak, strong, target=draft.target, hits=hits, before=before.rubric if before else ()
        )
        body = loop_judge.build_loop_judge_body(SEATS.seat("loop_judge"), RECIPE, task, packet, seed=seed, nonce=NONCE)
        verdict = loop_judge.parse_loop_verdict(ask(models, body))
        outcome, reason = decide_weighing(hits, verdict)
        if number == 1:
            tally.first.append(packet)
        if outcome == "accepted":
            tally.accepted.append(packet)
            tally.rounds.append(number)
            return
        detail = render_detail(Weighing(task, packet, hits, verdict, outcome, reason))
        failures.append(FailedRound(number, outcome, "", task.question, reason=reason, detail=detail))
        before = task


@pytest.fixture(scope="module")
def tally() -> Tally:
    models, found = SimulatedModels(SimulatorConfig(seed=1)), Tally()
    for number in range(20):
        text = f"{OPINIONS[number % len(OPINIONS)]}\nThe register has {number} pages."
        run_source(models, Source(f"s{number}", "pages", text), found)
    return found


def test_single_shot_tasks_are_too_hard_and_weak_attempts_hardly_differ(tally: Tally) -> None:
    weak, strong = fmean(p.weak_avg for p in tally.first), fmean(p.strong_avg for p in tally.first)
    assert 0.08 < weak < 0.25
    assert 0.60 < strong < 0.82
    assert fmean(p.weak_spread for p in tally.first) < fmean(p.weak_spread for p in tally.accepted)


def test_accepted_tasks_have_a_smaller_gap_and_attempts_that_differ(tally: Tally) -> None:
    weak, strong = fmean(p.weak_avg for p in tally.accepted), fmean(p.strong_avg for p in tally.accepted)
    assert 0.20 < weak < 0.38
    assert 0.60 < strong < 0.80
    assert 0.33 < strong - weak < 0.50
    assert 0.09 < fmean(p.weak_spread for p in tally.accepted) < 0.15
    assert all(p.body_length <= 1000 for p in tally.accepted)


def test_sources_take_several_rounds(tally: Tally) -> None:
    assert 2.5 <= median(tally.rounds) <= 7
    assert len(tally.accepted) >= 15


def extract(document: str, system: str | None = None) -> dict[str, object]:
    models = SimulatedModels(SimulatorConfig())
    body = extractor.build_extractor_body(
        SEATS.seat("extractor"), RECIPE, Source("s", "t", document), seed=1, nonce=NONCE
    )
    return json.loads(ask(models, body))


def test_extractor_refuses_a_scheduling_order_and_keeps_opinions() -> None:
    assert extract(ORDER)["suitable_for_synthetic_question"] is False
    assert all(extract(text)["suitable_for_synthetic_question"] is True for text in OPINIONS)


@pytest.mark.parametrize(
    "text",
    [
        "PER CURIAM. Affirmed without opinion. It is so ordered.",
        "The motion for an extension of time is granted. The status conference is vacated and continued to 4 May.",
    ],
)
def test_extractor_refuses_what_decides_nothing(text: str) -> None:
    assert not extractor.parse_extract(json.dumps(extract(text))).suitable


def test_text_without_any_cue_is_suitable_in_doubt() -> None:
    assert extractor.parse_extract(json.dumps(extract("Bees return to the meadow in spring."))).suitable


def test_extract_of_an_opinion_can_be_used() -> None:
    found = extractor.parse_extract(json.dumps(extract(OPINIONS[1])))
    assert found.document_type == "appellate opinion"
    assert found.holdings


def test_challenger_is_still_asked_for_other_domains() -> None:
    models, cs = SimulatedModels(SimulatorConfig()), load_recipe("cs")
    body = challenger.build_challenger_body(
        SEATS.seat("challenger"), cs, Source("s", "t", OPINIONS[0]), [], seed=1, nonce=NONCE
    )
    assert "scratchpad" in ask(models, body)


@pytest.mark.parametrize("seed", range(8))
def test_written_tasks_are_free_of_known_flaws(seed: int) -> None:
    task = write_legal_task(OPINIONS[seed % len(OPINIONS)], LastRound(weak=0.2, tried=True), Random(seed))
    shown = " ".join([task.question, *(f"{item.verb} {item.claim}." for item in task.items)])
    assert not re.search(r"\bthe the\b|[{}]|\.\.|  | ,", shown)
    assert not any(re.match(r"[A-Z]", item.claim) for item in task.items)
    assert 15 <= len(task.items) <= 25


def test_writer_shortens_and_eases_after_a_round_that_was_too_long_and_too_hard() -> None:
    last = LastRound(weak=0.02, long=True, tried=True)
    first = [write_legal_task(OPINIONS[0], LastRound(), Random(seed)) for seed in range(30)]
    later = [write_legal_task(OPINIONS[0], last, Random(seed)) for seed in range(30)]
    assert fmean(len(t.question) for t in first) > 1400
    assert fmean(len(t.question) for t in later) < 1000
    hard = [draw_legal_difficulty(LastRound(), 0.0, Random(seed)) for seed in range(200)]
    eased = [draw_legal_difficulty(last, 0.0, Random(seed)) for seed in range(200)]
    assert fmean(eased) < fmean(hard)


def test_writer_reads_nothing_tried_from_a_round_without_scores() -> None:
    assert read_last_round("REJECTED: [unknown type] criterion c1 has weight 9") == LastRound(tried=True)
    assert read_last_round("") == LastRound()


def packet_of(weak: list[float], strong: list[float], **changes: object) -> str:
    values = {
        "weak_scores": weak,
        "strong_scores": strong,
        "weak_avg": fmean(weak),
        "strong_avg": fmean(strong),
        "softer_rubric": [],
        "capabilities": [{"capability": "strategy", "weak": 0.1, "strong": 0.8}],
    }
    return json.dumps(values | changes)


def count_accepts(packet: str) -> int:
    return sum(json.loads(weigh_packet(packet, 0, seed))["verdict"] == "accept" for seed in range(60))


def test_loop_judge_wants_attempts_that_differ() -> None:
    fertile = count_accepts(packet_of([0.05, 0.5, 0.2, 0.4, 0.3], [0.7, 0.7, 0.7]))
    alike = count_accepts(packet_of([0.3, 0.3, 0.3, 0.3, 0.3], [0.7, 0.7, 0.7]))
    nothing = count_accepts(packet_of([0.0, 0.02, 0.0, 0.0, 0.0], [0.7, 0.7, 0.7]))
    assert fertile > 45
    assert max(alike, nothing) < 10


def test_loop_judge_minds_a_softer_rubric() -> None:
    packet = packet_of([0.05, 0.5, 0.2, 0.4, 0.3], [0.7, 0.7, 0.7], softer_rubric=["points fell"])
    assert count_accepts(packet) < 35
    said = json.loads(weigh_packet(packet, 0, 1))
    assert "points fell" in said["rubric_concerns"][0]


def test_loop_judge_replies_are_readable_and_patterns_have_numbers() -> None:
    for seed in range(20):
        reply = weigh_packet(packet_of([0.1, 0.2, 0.3, 0.1, 0.0], [0.8, 0.7, 0.9]), 0, seed)
        verdict = loop_judge.parse_loop_verdict(reply)
        assert re.search(r"\d", verdict.weak_pattern)


def test_packet_that_cannot_be_read_is_said_so() -> None:
    models = SimulatedModels(SimulatorConfig())
    text = f"[[packet {NONCE}]]\nnot json\n[[/packet {NONCE}]]"
    body = {
        "model": "sim-judge",
        "messages": [{"role": "system", "content": "grpo_suitability"}, {"role": "user", "content": text}],
    }
    assert "cannot be read" in ask(models, body)
