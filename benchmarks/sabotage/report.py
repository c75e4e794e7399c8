"""The benchmark's numbers as a table on the screen, as one JSON object, and as a section of docs/audit.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import autodata
from autodata.audit.rates import Rate
from autodata.errors import BadInput
from benchmarks.report import Bar
from benchmarks.sabotage.family_score import FamilyScore
from benchmarks.sabotage.figure import draw_recall
from benchmarks.sabotage.metrics import Results
from benchmarks.sabotage.run_level import CaseResult
from benchmarks.sabotage.suite import find_family
from benchmarks.sabotage.targets import find_target

BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
RUNS_PER_CASE = 40
"""Simulated runs of every case over whole runs."""

HEADINGS = ("family", "split", "n", "recall", "interval", "target", "AUROC", "partial", "cause", "lift", "true gap")
SPLITS = {
    "train": "train",
    "deterministic": "deterministic",
    "held_out": "held out",
    "stealth": "held out, evasive",
}
_ROOT = Path(__file__).resolve().parents[2]
DOCUMENT, FIGURE = _ROOT / "docs" / "audit.md", _ROOT / "docs" / "images" / "audit-benchmark.svg"
PACKAGED = Path(autodata.__file__).parent / "audit" / "benchmark.json"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is shown, computed once."""

    results: Results
    families: tuple[FamilyScore, ...]
    bars: tuple[Bar, ...]
    cases: tuple[CaseResult, ...]
    hashes: dict[str, str]

    def list_rows(self) -> list[list[Any]]:
        """One row a family and split, as in HEADINGS."""
        return [
            [
                f"{score.family} {name_family(score)}",
                SPLITS[score.group],
                score.n,
                score.recall.estimate or 0.0,
                tell_interval(score.recall),
                find_target(score) if find_target(score) is not None else "-",
                score.auroc,
                score.partial,
                score.attributed,
                score.lift,
                score.true_gap,
            ]
            for score in self.families
        ]

    def describe(self) -> dict[str, Any]:
        """The whole report as JSON values; what the Audit page shows is among them."""
        results = self.results
        return {
            "name": "audit",
            "software": autodata.__version__,
            "simulated": True,
            "families": [_describe_family(score) for score in self.families],
            "fpr": {kind: _describe_rate(*found) for kind, found in results.measure_false_positives().items()},
            "ablation": results.measure_layers(),
            "difficulty": results.measure_difficulty(),
            "cost": results.measure_cost(),
            "batches": [
                {"prevalence": b.prevalence, "fdr": b.fdr, "recall": b.recall}
                for b in (results.measure_batch(0.05), results.measure_batch(0.01))
            ],
            "runs": [
                {
                    "case": case.case.name,
                    "says": case.case.says,
                    "any": _describe_rate(case.any_alarm, RUNS_PER_CASE),
                    "alarms": {name: rate.estimate for name, rate in case.alarms.items()},
                }
                for case in self.cases
            ],
            "frozen": self.hashes,
            "bars": [
                {"name": b.name, "value": round(b.value, 4), "bar": b.bar, "sense": b.sense, "ok": b.ok}
                for b in self.bars
            ],
            "ok": all(bar.ok for bar in self.bars),
        }


def write_docs(report: Report) -> None:
    """Put tables and figure into docs/audit.md and the numbers into the package.

    Raises BadInput when the document has no place for them.
    """
    text = DOCUMENT.read_text(encoding="utf-8")
    start, end = text.find(BEGIN), text.find(END)
    if start < 0 or end < start:
        raise BadInput(f"{DOCUMENT} has no lines {BEGIN} and {END}; put them where the tables belong")
    values = report.describe()
    body = render_document(report, values)
    DOCUMENT.write_text(f"{text[: start + len(BEGIN)]}\n\n{body}\n{text[end:]}", encoding="utf-8")
    titles = {score.family: name_family(score) for score in report.families}
    FIGURE.parent.mkdir(parents=True, exist_ok=True)
    FIGURE.write_text(draw_recall(report.families, titles), encoding="utf-8")
    PACKAGED.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def render_document(report: Report, values: dict[str, Any]) -> str:
    """The generated part of docs/audit.md."""
    missed = [bar for bar in report.bars if not bar.ok]
    parts = [
        f"{len(report.bars) - len(missed)} of {len(report.bars)} targets hold.",
        "![Recall of planted sabotage by family, plain and evasive](images/audit-benchmark.svg)",
        _render_families(report.families),
        "**False positives**: honest tasks that are caught by the same rule.",
        _render_rates(values["fpr"]),
        "**What each kind of check adds** (macro recall over families; each row has all checks above it):",
        _render_table(
            ("checks", "train", "held out", "evasive", "false positives"),
            [
                (row["layer"], row["train"], row["held_out"], row["stealth"], row["false positives"])
                for row in values["ablation"]
            ],
        ),
        _tell_difficulty(values),
    ]
    if values["runs"]:
        parts += [
            "**Whole runs**: share of simulated runs in which at least one run-level statistic gives an alarm.",
            _render_table(
                ("case", "what happens", "alarms"),
                [(row["case"], row["says"], _tell(row["any"])) for row in values["runs"]],
            ),
        ]
    if missed:
        lines = [f"- {bar.name}: {bar.value:.3f}, target {bar.sense} {bar.bar:g}" for bar in missed]
        parts += ["**Targets that are missed**:", "\n".join(lines)]
    parts.append(
        "Held-out families are frozen by the hashes of their source: "
        + ", ".join(f"`{name}` {sha[:12]}" for name, sha in report.hashes.items())
        + "."
    )
    return "\n\n".join(parts) + "\n"


def name_family(score: FamilyScore) -> str:
    """The family's title."""
    return find_family(score.group, score.family).title


def tell_interval(rate: Rate) -> str:
    """`.93-.99`, the Wilson interval at 95 %."""
    return "-" if rate.low is None or rate.high is None else f"{rate.low:.2f}-{rate.high:.2f}"


def _render_families(scores: Sequence[FamilyScore]) -> str:
    by_id: dict[str, dict[str, FamilyScore]] = {}
    for score in scores:
        by_id.setdefault(score.family, {})["stealth" if score.group == "stealth" else "plain"] = score
    rows = []
    for own, found in sorted(by_id.items()):
        first = found.get("plain") or found["stealth"]
        rows.append(
            (
                f"{own} {name_family(first)}",
                SPLITS[first.group],
                *(_tell_score(found.get(kind)) for kind in ("plain", "stealth")),
                f"{first.attributed:.2f}",
                f"{first.real:.2f}",
                f"{first.cleared:.2f}",
            )
        )
    headings = ("family", "split", "plain", "evasive", "cause named rightly", "called REAL", "REAL and VALID")
    return _render_table(headings, rows)


def _tell_score(score: FamilyScore | None) -> str:
    if score is None or score.recall.estimate is None:
        return "-"
    target = find_target(score)
    mark = "" if target is None or score.recall.estimate >= target else " (missed)"
    return f"{score.recall.estimate:.2f} ({tell_interval(score.recall)}){mark}"


def _render_rates(rates: dict[str, Any]) -> str:
    order = sorted(rates, key=lambda kind: (kind not in ("plain", "lucky", "hard", "all"), kind))
    return _render_table(
        ("honest tasks", "caught", "n"), [(kind, _tell(rates[kind]), rates[kind]["n"]) for kind in order]
    )


def _tell_difficulty(values: dict[str, Any]) -> str:
    d, cost = values["difficulty"], values["cost"]
    batches = "; ".join(
        f"at {b['prevalence']:.0%} sabotage {b['fdr']:.2f} of the flags are false and {b['recall']:.2f} is found"
        for b in values["batches"]
    )
    return (
        f"**Difficulty**: K1 decides {d['decided']:.2f} of the clean tasks, {d['accuracy']:.2f} of them rightly; "
        f"{d['wrong_real']:.3f} of its REAL are wrong; the error of its chances is {d['calibration_error']:.3f}. "
        f"**Batches** (q = 0.10): {batches}. "
        f"**Cost** of the default plan: {cost['honest']:.0f} calls for an honest task, {cost['sabotaged']:.0f} for a "
        f"sabotaged one, {cost['per_case']:.0f} for each case caught at 5 % (macro recall {cost['recall']:.2f}). All "
        "other numbers are of every check on every task."
    )


def _tell(rate: dict[str, Any]) -> str:
    return "-" if rate["share"] is None else f"{rate['share']:.3f} ({rate['low']:.3f}-{rate['high']:.3f})"


def _render_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    def tell(cell: Any) -> str:
        return f"{cell:.2f}" if isinstance(cell, float) else str(cell).replace("|", "\\|")

    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    return "\n".join([*lines, *(f"| {' | '.join(tell(cell) for cell in row)} |" for row in rows)])


def _describe_family(score: FamilyScore) -> dict[str, Any]:
    return {
        "family": score.family,
        "title": name_family(score),
        "split": score.group,
        "channel": score.channel,
        "n": score.n,
        "recall": score.recall.estimate,
        "low": score.recall.low,
        "high": score.recall.high,
        "target": find_target(score),
        "auroc": round(score.auroc, 4),
        "partial_auroc": round(score.partial, 4),
        "by_strength": {f"{key:g}": round(value, 4) for key, value in score.by_strength.items()},
        "by_style": {key: round(value, 4) for key, value in score.by_style.items()},
        "attributed": round(score.attributed, 4),
        "called_real": round(score.real, 4),
        "cleared": round(score.cleared, 4),
        "lift": round(score.lift, 4),
        "true_gap": round(score.true_gap, 4),
    }


def _describe_rate(rate: Rate, tried: int) -> dict[str, Any]:
    return {"share": rate.estimate, "low": rate.low, "high": rate.high, "n": tried}
