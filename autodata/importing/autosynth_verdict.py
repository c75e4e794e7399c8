"""How an autosynth round ended, in our words: the stored evidence first, the stored reasons second."""

from __future__ import annotations

from typing import Any

from autodata.importing.autosynth_rows import Row, RunRows, load_blob
from autodata.importing.fields import is_number
from autodata.importing.values import Claim, ForeignReview
from autodata.model import Outcome

SHORT = "short_circuit_strong"


def find_mode(rows: RunRows) -> str:
    """rubric, verifiable or judge: as set, else as the run's own rows show (a domain may have chosen it)."""
    if isinstance(rows.acceptance.get("mode"), str):
        return str(rows.acceptance["mode"])
    if any(request["role"] == "loop_judge" for requests in rows.requests.values() for request in requests):
        return "judge"
    scores = [score for own in rows.scores.values() for score in own]
    if any(score.get("correct") is not None for score in scores):
        return "verifiable"
    # Without a judge the two ids are the same, also where no answer could be checked.
    if scores and all(score.get("solver_response_id") == score.get("judge_response_id") for score in scores):
        return "verifiable"
    return "rubric"


def classify(row: Row, item: Row, candidate: Row, quality: Any, scores: list[Row], acceptance: Row) -> Claim:
    """The claim of one round. The first evidence that fits decides; all stored reasons are kept."""
    report = load_blob(row.get("eval_blob"))
    report = report if isinstance(report, dict) else {}
    reasons = [str(text) for text in report.get("rejection_reasons") or ()]
    accepted = row.get("accepted") == 1
    stated = {name: report[name] for name in ("weak_avg", "strong_avg", "gap") if is_number(report.get(name))}
    if not any(score["solver"] == "strong" for score in scores):
        stated = {name: value for name, value in stated.items() if name == "weak_avg"}
    stated |= {"accepted": accepted, "reasons": reasons}
    outcome, why, settled = _find_outcome(row, item, candidate, quality, scores, reasons, accepted)
    if outcome is None:
        outcome = _read_reasons(reasons, scores, acceptance)
    return Claim(outcome, why, settled, stated)


def read_reviews(quality: Any, audit: Any) -> tuple[ForeignReview, ...]:
    """The quality check and the final audit, where they are stored and could be read."""
    found = []
    for blob, purpose in ((quality, "review"), (audit, "final")):
        if not isinstance(blob, dict) or not isinstance(blob.get("passed"), bool):
            continue
        failures = [str(text) for text in blob.get("failures") or ()]
        if any("_parse_error" in text for text in failures):
            continue
        words = "; ".join([*failures, *([str(blob["notes"])] if blob.get("notes") else [])])
        by = "verifier" if purpose == "final" else _find_reviewer(blob, failures)
        found.append(ForeignReview(blob["passed"], words, by=by, purpose=purpose))
    return tuple(found)


def list_texts(blob: Any) -> list[str]:
    """A JSON column that holds a list of texts; empty for anything else."""
    value = load_blob(blob)
    return [str(item) for item in value] if isinstance(value, list) else []


def _find_reviewer(blob: Row, failures: list[str]) -> str:
    structural = blob.get("notes") == "structural validation failed"
    return "checks" if structural or any(text.startswith("safety:") for text in failures) else "verifier"


def _find_outcome(
    row: Row, item: Row, candidate: Row, quality: Any, scores: list[Row], reasons: list[str], accepted: bool
) -> tuple[Outcome | None, str, bool]:
    failures = [str(text) for text in quality.get("failures") or ()] if isinstance(quality, dict) else []
    broken = [text for score in scores for text in list_texts(score.get("failure_modes"))]
    broken = [text for text in broken if text.startswith(("judge_parse_error", "verify_error"))]
    words = "; ".join(reasons)
    if candidate.get("candidate_id") == "invalid" or any(f.startswith("challenger_parse_error") for f in failures):
        return "undecided", "; ".join(failures) or "the challenger's reply could not be used", True
    if not row.get("ended_at"):
        return "undecided", "; ".join(list_texts(item.get("rejection_reasons"))) or "interrupted", True
    if any(text.startswith("quality_judge_parse_error") for text in failures):
        return "undecided", "; ".join(failures), True
    if isinstance(quality, dict) and quality.get("passed") is False:
        return (
            "failed_quality",
            "; ".join([*failures, *([str(quality["notes"])] if quality.get("notes") else [])]),
            True,
        )
    if broken:
        said = "although the file says accepted" if accepted else "stored there as 0"
        return "undecided", f"{len(broken)} of {len(scores)} answers were never graded, {said}: {broken[0]}", True
    if accepted:
        return "accepted", words, False
    if any(text.startswith("loop-judge improve") for text in reasons):
        return "improve", words, True
    if any(text.startswith("audit") for text in reasons) or "final audit failed" in " ".join(
        list_texts(row.get("reflection"))
    ):
        return "failed_audit", words or "; ".join(list_texts(row.get("reflection"))), True
    return None, words, False


def _read_reasons(reasons: list[str], scores: list[Row], acceptance: Row) -> Outcome | None:
    """The first stored reason that names a disease, in the order weak, strong, gap."""
    text = "\n".join(reasons)
    if "forbid_weak_zero" in text:
        return "weak_zero"
    if SHORT in text:
        # The stored words say "too easy" whatever the cause was, so that the scores have to say it.
        weak = [s["total"] for s in scores if s["solver"] == "weak" and is_number(s.get("total"))]
        within = bool(weak) and sum(weak) / len(weak) <= acceptance.get("weak_avg_max", 0.65)
        within = within and max(weak) <= acceptance.get("weak_max_max", 0.75)
        return "weak_zero" if within and 0 in weak else "too_easy"
    if any(text.startswith(("weak_avg", "weak_max", "weak_correct")) for text in reasons):
        return "too_easy"
    if "ceiling" in text:
        return "saturated"
    if any(text.startswith(("strong_avg", "strong_correct")) for text in reasons):
        return "failed_on_strong"
    return "narrow_gap" if any(text.startswith("gap") for text in reasons) else None
