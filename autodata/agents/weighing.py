"""The two layers of a decision (paper Fig 10): code filters above, the loop judge's word below. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autodata.agents.filters import FilterHit
from autodata.agents.loop_judge import LoopVerdict
from autodata.agents.packet import EarlierRound, Packet, describe_packet
from autodata.model import Outcome, Task


@dataclass(frozen=True, slots=True)
class Weighing:
    """A round's packet, what the filters found, and the loop judge's word (None where it could not be had)."""

    task: Task
    packet: Packet
    hits: tuple[FilterHit, ...]
    verdict: LoopVerdict | None
    outcome: Outcome
    reason: str

    @property
    def overridden(self) -> bool:
        """Whether code said no to a task that the loop judge had accepted."""
        return self.outcome != "accepted" and self.verdict is not None and self.verdict.verdict == "accept"


def decide_weighing(hits: Sequence[FilterHit], verdict: LoopVerdict) -> tuple[Outcome, str]:
    """Outcome and reason. A filter hit asks for a better task whatever the judge says; otherwise its word holds."""
    if hits:
        found = "; ".join(hit.sentence for hit in hits)
        said = "the loop judge's accept is overruled: " if verdict.verdict == "accept" else ""
        return "improve", f"{said}{found}"
    return ("accepted" if verdict.verdict == "accept" else "improve"), verdict.verdict_reason


def describe_weighing(weighing: Weighing) -> dict[str, Any]:
    """The whole of it as plain values, for the journal."""
    verdict = weighing.verdict
    return {
        "outcome": weighing.outcome,
        "reason": weighing.reason,
        "grpo_suitability": verdict.grpo_suitability if verdict else None,
        "verdict": asdict(verdict) if verdict else None,
        "post_filter_flags": [asdict(hit) for hit in weighing.hits],
        "post_filter_override": weighing.overridden,
        "packet": describe_packet(weighing.packet),
    }


def render_detail(weighing: Weighing) -> str:
    """What the writer gets of a round that is to be improved, unchanged and most useful first (paper Fig 12)."""
    verdict = weighing.verdict
    values = {
        "suggestion_for_writer": verdict.suggestion_for_writer if verdict else "",
        "verdict_reason": verdict.verdict_reason if verdict else weighing.reason,
        "filter_hits": [hit.sentence for hit in weighing.hits],
        "previous_question": weighing.task.question,
        "judge_analysis": {
            name: getattr(verdict, name)
            for name in ("weak_pattern", "strong_pattern", "gap_interpretation", "rubric_concerns", "grpo_suitability")
        }
        if verdict
        else None,
        "packet": describe_packet(weighing.packet),
    }
    return json.dumps(values, ensure_ascii=False, indent=1)


def summarise(weighing: Weighing) -> EarlierRound:
    """The round in one line, for the packets of later rounds."""
    packet, verdict = weighing.packet, weighing.verdict
    return EarlierRound(
        round=weighing.task.round,
        outcome=weighing.outcome,
        weak_avg=packet.weak_avg,
        strong_avg=packet.strong_avg,
        gap=packet.gap,
        suitability=verdict.grpo_suitability if verdict else "",
        reason=weighing.reason,
    )
