"""How far the audit itself can be trusted: anchors, calibration, labels, what random looks say of what it misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autodata.audit.labelled import LabelReport
from autodata.index.queries.audit_runs import RunCheck
from autodata.ui.marks import draw_severity
from autodata.ui.parts import build_pairs, build_stack
from autodata.ui.text import count_of, format_count, format_gap, format_score
from autodata.ui.tree import Tree, node

LABEL_NAMES = {
    "sabotage": "sabotage",
    "artefact": "artefact",
    "luck": "luck",
    "invalid": "invalid task",
    "honest_hard": "honest and hard",
    "unsure": "unsure",
}
"""Labels as a person gives them; the only place of this page where anybody calls a task sabotaged."""
BINS_HEIGHT = 54


def build_anchors(checks: Sequence[RunCheck]) -> Tree:
    """K4: how far weak fell on tasks with known scores, per request asked; what the check cannot see stands below."""
    if not checks:
        return _build_absent(
            "Anchors were not asked.",
            "Secret tasks with known weak scores show a weak model that a request holds down. A plan runs them for "
            "runs with suspicious requests.",
        )
    lines = [_build_anchor(check) for check in checks[:4]]
    blind = "A drop limited to topics that few anchors cover is not seen."
    return build_stack(*lines, node("span", "small muted", blind), gap=6)


def build_labels(report: LabelReport) -> Tree:
    """Labels by kind, whether reviewers agree, and what random looks say of the tasks that the audit cleared."""
    if not report.labels:
        return _build_absent(
            "No label yet.",
            "On Review, say what a finding was. From five labels on a detector has a precision; labels on randomly "
            "drawn cleared tasks say what the audit misses.",
        )
    words = ", ".join(f"{count:,} {LABEL_NAMES.get(name, name)}" for name, count in report.counts.items() if count)
    pairs: list[tuple[str, Tree]] = [
        ("Labels", words),
        ("Tasks", f"{report.tasks:,}, {report.doubled:,} by two reviewers, {report.blind:,} blind"),
        ("Agreement", _describe_agreement(report)),
        ("Missed", _describe_misses(report)),
    ]
    if report.disputed:
        pairs.append(("Disputed", f"{len(report.disputed):,}: they count for no detector"))
    return build_pairs(pairs, 82)


def build_calibration(sizes: Sequence[tuple[str, int, str]], p_values: Sequence[int]) -> Tree:
    """Calibration sets as (name, clean tasks, note), and where tasks without finding lie between 0 and 1: a rank
    against clean tasks is honest when every part holds about as many."""
    lines: list[Tree] = []
    for name, size, note in sizes[:3]:
        words = node("span", {"class": "cut", "title": name}, name)
        lines.append(
            node("div", {"class": "col", "style": "gap:0"},
                 node("div", "row", words, node("b", "push num", format_count(size))),
                 node("span", "small muted", note) if note else None)
        )  # fmt: skip
    if not sizes:
        lines.append(
            _build_absent(
                "No calibration set.",
                "Suspicion is a rank within its run until clean tasks of the same models and judge were collected: "
                "reviewed ones, or those of a trusted run.",
            )
        )
    total = sum(p_values)
    if total:
        lines.append(_draw_bins(p_values, total))
    return build_stack(*lines, gap=8)


def _describe_agreement(report: LabelReport) -> Tree:
    alpha = report.agreement.alpha
    if alpha is None:
        return node("span", "muted", f"unknown: {report.agreement.note or 'too few tasks have two labels'}")
    words = f"alpha {format_score(alpha)} on {count_of(report.agreement.units, 'task')}"
    return node(
        "span", None if report.reliable else "alarm", words + ("" if report.reliable else ", too low to rely on")
    )


def _describe_misses(report: LabelReport) -> Tree:
    rate, looks = report.misses.rate, report.misses.reviewed
    if rate.estimate is None:
        return node("span", "muted", f"unknown: {rate.note}" if rate.note else "unknown")
    bound = f" of cleared tasks, at most {100 * report.misses.bound:.1f} % ({count_of(looks, 'random look')})"
    return node("span", None, node("b", None, f"{100 * rate.estimate:.1f} %"), bound)


def _build_anchor(check: RunCheck) -> Tree:
    """One line: the drop with its interval, or why there is none."""
    numbers = check.numbers
    if check.coverage != "done":
        return _build_line(
            "unchecked", "muted", f"{check.run_id}: {check.sentence or 'the anchors could not be asked'}"
        )
    drop, p = _find(numbers, "drop"), _find(numbers, "p")
    low, high, anchors = _find(numbers, "low"), _find(numbers, "high"), _find(numbers, "anchors")
    parts = [f"weak lost {format_gap(drop)}" if drop is not None else check.sentence]
    if low is not None and high is not None:
        parts.append(f"90 % interval {format_gap(low)} to {format_gap(high)}")
    if anchors is not None:
        parts.append(count_of(round(anchors), "anchor"))
    if p is not None:
        parts.append(f"p = {p:.3f}" if p >= 0.001 else "p < 0.001")
    found = check.severity in ("violation", "flag")
    return _build_line(check.severity if found else "clear", "alarm" if found else "accent",
                       f"{check.run_id}: {', '.join(part for part in parts if part)}")  # fmt: skip


def _draw_bins(counts: Sequence[int], total: int) -> Tree:
    """How many tasks lie in each tenth of p, with the line that an honest rank would follow."""
    width, most = 20, max(max(counts), total / len(counts))
    shapes: list[Tree] = []
    for at, count in enumerate(counts):
        tall = (BINS_HEIGHT - 4) * count / most
        shapes.append(node("rect", {"x": at * width + 1, "y": f"{BINS_HEIGHT - tall:.1f}", "width": width - 2,
                                    "height": f"{tall:.1f}", "fill": "var(--ad-accent)", "opacity": 0.45}))  # fmt: skip
    even = BINS_HEIGHT - (BINS_HEIGHT - 4) * (total / len(counts)) / most
    full = width * len(counts)
    dotted = {"stroke": "var(--ad-muted)", "stroke-width": 1, "stroke-dasharray": "2 2"}
    shapes.append(node("line", {"x1": 0, "x2": full, "y1": f"{even:.1f}", "y2": f"{even:.1f}", **dotted}))
    shapes.append(
        node("line", {"x1": 0, "x2": full, "y1": BINS_HEIGHT, "y2": BINS_HEIGHT, "stroke": "var(--ad-line2)"})
    )
    low = format_score(counts[0] / total)
    label = f"p of {total} tasks without finding in ten equal parts; {low} of them in the lowest tenth, 0.10 expected"
    chart = node("svg", {"width": full, "height": BINS_HEIGHT, "role": "img", "aria-label": label}, *shapes)
    ends = node("div", {"class": "row tiny muted", "style": f"width:{full}px"}, "p 0", node("span", "push", "1"))
    words = f"p of {count_of(total, 'task')} without finding; level along the dotted line when calibrated"
    return node("div", {"class": "col", "style": "gap:2px"}, chart, ends, node("span", "small muted", words))


def _build_line(severity: str, tone: str, words: str) -> Tree:
    return node(
        "div",
        {"style": "display:grid;grid-template-columns:16px 1fr;gap:4px"},
        node("span", {"class": tone, "style": "padding-top:3px;line-height:12px"}, draw_severity(severity)),
        node("span", {"class": "lines", "title": words}, words),
    )


def _build_absent(head: str, words: str) -> Tree:
    style = "border:1px dashed var(--ad-line2);border-radius:4px;padding:10px 12px"
    return node("div", {"class": "col", "style": style}, node("span", None, head), node("span", "small muted", words))


def _find(numbers: Mapping[str, object], name: str) -> float | None:
    value = numbers.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
