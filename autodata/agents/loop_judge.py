"""The loop judge: reads the diagnostic packet of a round and says accept or improve, with one suggestion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from autodata.agents.packet import Packet, render_packet
from autodata.agents.replies import read_agreed, read_lines, read_text, show_value
from autodata.agents.request import build_body, render_section
from autodata.agents.schemas import TEXT, TEXTS, make_object, make_word
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.model import Task
from autodata.recipes.recipe import Recipe

TEMPLATE_FILES = ("loop_judge.md", "loop_judge_request.md")

Word = Literal["accept", "improve"]
Suitability = Literal["high", "medium", "low"]

_SCHEMA = make_object(
    {
        "weak_pattern": TEXT,
        "strong_pattern": TEXT,
        "gap_interpretation": TEXT,
        "rubric_concerns": TEXTS,
        "grpo_suitability": make_word(Suitability.__args__),  # type: ignore[attr-defined]
        "verdict": make_word(Word.__args__),  # type: ignore[attr-defined]
        "verdict_reason": TEXT,
        "suggestion_for_writer": TEXT,
    }
)


@dataclass(frozen=True, slots=True)
class LoopVerdict:
    """The loop judge's word on a round. `suggestion` is "" with accept."""

    verdict: Word
    grpo_suitability: Suitability
    weak_pattern: str
    strong_pattern: str
    gap_interpretation: str
    rubric_concerns: tuple[str, ...]
    verdict_reason: str
    suggestion_for_writer: str


def build_loop_judge_body(
    seat: Seat, recipe: Recipe, task: Task, packet: Packet, *, seed: int, nonce: str
) -> dict[str, Any]:
    """Request with the question and the packet, which holds the rubric; no answers and not the source."""
    values = {
        "question": render_section("question", task.question, nonce),
        "packet": render_section("packet", render_packet(packet), nonce),
    }
    return build_body(
        seat,
        [
            {"role": "system", "content": recipe.render(TEMPLATE_FILES[0], {})},
            {"role": "user", "content": recipe.render(TEMPLATE_FILES[1], values)},
        ],
        seed,
        schema=_SCHEMA,
    )


def parse_loop_verdict(text: str) -> LoopVerdict:
    """The loop judge's fields.

    Raises MalformedReply for a missing field, an unknown word, an improve without a suggestion, and for a reply that
    holds two different verdicts, because the packet it quotes may hold one.
    """
    return read_agreed(text, "verdict", _read_verdict, stance=lambda word: (word.verdict, word.grpo_suitability))


def _read_verdict(values: dict[str, Any]) -> LoopVerdict:
    verdict = cast(Word, _read_word(values, "verdict", ("accept", "improve")))
    return LoopVerdict(
        verdict=verdict,
        grpo_suitability=cast(Suitability, _read_word(values, "grpo_suitability", ("high", "medium", "low"))),
        weak_pattern=read_text(values, "weak_pattern"),
        strong_pattern=read_text(values, "strong_pattern"),
        gap_interpretation=read_text(values, "gap_interpretation"),
        rubric_concerns=read_lines(values, "rubric_concerns"),
        verdict_reason=read_text(values, "verdict_reason"),
        suggestion_for_writer=read_text(values, "suggestion_for_writer") if verdict == "improve" else "",
    )


def _read_word(values: dict[str, Any], key: str, words: tuple[str, ...]) -> str:
    given = values.get(key)
    word = given.strip().lower() if isinstance(given, str) else ""
    if word not in words:
        raise MalformedReply(f"loop judge: {key} is {show_value(given)}, expected one of {', '.join(words)}")
    return word
