"""The simulated loop judge: reads the packet it is sent and says what it would do, by spread before anything else."""

from __future__ import annotations

from collections import Counter
from random import Random
from statistics import pstdev
from typing import Any

import orjson

from autodata.canon import derive_seed
from autodata.llm.simulator.legal import calibration as cal

_SUGGESTIONS = {
    "ceiling": "Move from knowing to reasoning: replace what can only be recalled by steps that the client's dates and "
    "words allow, above all in {worst}.",
    "cluster": "Take another angle on the source, so that the attempts come apart; {best} is where they differ now.",
    "saturated": "Ask for one more step and a finer distinction in {best}, which the small model meets nearly always.",
    "soft": "Restore the demands of the rubric and make the question better instead, beginning with {worst}.",
    "narrow": "Drop what both models meet and reward the step in {worst} that only the large one takes.",
    "doubt": "Sharpen the tests in {worst}, so that an attempt that reasons is told from one that only sounds so.",
}


def weigh_packet(text: str, server_seed: int, seed: int) -> str:
    """The loop judge's JSON reply. Raises ValueError when the packet cannot be read."""
    packet = orjson.loads(text)
    if not isinstance(packet, dict) or not isinstance(packet.get("weak_scores"), list):
        raise ValueError("the packet has no weak scores")
    rng = Random(derive_seed(server_seed, "weigh", seed, text))
    weak, strong = packet["weak_scores"], packet.get("strong_scores") or []
    spread = max(0.0, (pstdev(weak) if weak else 0.0) + rng.gauss(0, cal.SPREAD_NOISE))
    mean, strong_mean = packet.get("weak_avg") or 0.0, packet.get("strong_avg") or 0.0
    disease = _find_disease(packet, spread, mean, strong_mean)
    suitability = _rate(weak, spread, mean, strong_mean)
    concerns = _list_concerns(packet, strong_mean)
    chance = cal.ACCEPT[suitability] * (cal.CONCERN_FACTOR if disease == "soft" else 1.0)
    accept = rng.random() < chance
    best, worst = _name_capabilities(packet)
    reply: dict[str, Any] = {
        "weak_pattern": _describe("The small model", packet, "weak", weak),
        "strong_pattern": _describe("The large model", packet, "strong", strong),
        "gap_interpretation": _interpret(disease, mean, strong_mean, spread),
        "rubric_concerns": concerns,
        "grpo_suitability": suitability,
        "verdict": "accept" if accept else "improve",
        "verdict_reason": _reason(accept, disease, weak, spread),
    }
    if not accept:
        reply["suggestion_for_writer"] = _SUGGESTIONS[disease or "doubt"].format(best=best, worst=worst)
    return orjson.dumps(reply).decode()


def _find_disease(packet: dict[str, Any], spread: float, mean: float, strong_mean: float) -> str:
    if packet.get("softer_rubric"):
        return "soft"
    if max(packet["weak_scores"], default=0.0) < cal.NOTHING:
        return "ceiling"
    if mean > cal.FERTILE[1]:
        return "saturated"
    if strong_mean - mean < 0.08:
        return "narrow"
    if spread < cal.LOW_SPREAD:
        return "cluster"
    return "ceiling" if mean < cal.FERTILE[0] else ""


def _rate(weak: list[float], spread: float, mean: float, strong_mean: float) -> str:
    fertile = cal.FERTILE[0] <= mean <= cal.FERTILE[1]
    if spread >= cal.HIGH_SPREAD and fertile and strong_mean - mean >= 0.08:
        return "high"
    low = spread < cal.LOW_SPREAD or max(weak, default=0.0) < cal.NOTHING or strong_mean - mean < 0.08
    return "low" if low else "medium"


def _list_concerns(packet: dict[str, Any], strong_mean: float) -> list[str]:
    concerns = []
    if packet.get("softer_rubric"):
        concerns.append(f"The rubric asks for less than the one before: {packet['softer_rubric'][0]}.")
    if 0.70 <= strong_mean <= 0.90:
        concerns.append(f"The large model earns {100 * strong_mean:.0f} percent, which may be recall.")
    counts = Counter(row.get("capability") for row in packet.get("criterion_diagnostics") or [])
    for name, count in counts.most_common(1):
        if name and count >= 8:
            concerns.append(f"{name} carries {count} criteria.")
    if packet.get("body_length_concern"):
        concerns.append(f"The question has {packet.get('body_length')} characters.")
    return concerns


def _name_capabilities(packet: dict[str, Any]) -> tuple[str, str]:
    """The capabilities the small model does best and worst on; the packet has the worst first."""
    rated = [row["capability"] for row in packet.get("capabilities") or [] if row.get("weak") is not None]
    return (rated[-1], rated[0]) if rated else ("the reasoning", "the reasoning")


def _describe(who: str, packet: dict[str, Any], side: str, scores: list[float]) -> str:
    rows = [row for row in packet.get("capabilities") or [] if row.get(side) is not None]
    shown = ", ".join(f"{score:.2f}" for score in scores) or "nothing valid"
    if not rows:
        return f"{who} scores {shown}."
    low, high = min(rows, key=lambda row: row[side]), max(rows, key=lambda row: row[side])
    return (
        f"{who} scores {shown}; it earns {100 * high[side]:.0f} percent of {high['capability']} and "
        f"{100 * low[side]:.0f} percent of {low['capability']}."
    )


def _interpret(disease: str, mean: float, strong_mean: float, spread: float) -> str:
    gap = f"{100 * (strong_mean - mean):.0f} points"
    if disease == "ceiling":
        return f"The distance of {gap} is a ceiling of knowledge: no attempt gets far, whatever it tries."
    if disease in ("cluster", "saturated"):
        return f"The distance is {gap}, but the attempts lie within {100 * spread:.0f} points of each other."
    return f"The distance of {gap} is fertile: attempts of the small model differ by {100 * spread:.0f} points."


def _reason(accept: bool, disease: str, weak: list[float], spread: float) -> str:
    best = max(weak, default=0.0)
    if accept:
        return f"Attempts differ by {100 * spread:.0f} points and the best reaches {best:.2f}: there is much to learn."
    return {
        "soft": "What was gained comes from a softer rubric.",
        "ceiling": f"The best of all attempts reaches {best:.2f}; the rest have nothing to learn from it.",
        "saturated": "The small model can do most of this already.",
        "narrow": "Both models earn about the same.",
        "cluster": f"All attempts lie within {100 * spread:.0f} points of each other.",
    }.get(disease, f"A spread of {100 * spread:.0f} points leaves room for a sharper question.")
