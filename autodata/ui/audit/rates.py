"""Alarm rates of runs as small multiples, and clusters that are audited as one."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from autodata.index.queries.audit_runs import AlarmRate, Cluster, RunCheck
from autodata.ui.audit.findings import BAND
from autodata.ui.audit.words import name_found
from autodata.ui.marks import draw_severity
from autodata.ui.parts import build_stack
from autodata.ui.text import count_of, format_count, format_gap
from autodata.ui.tree import Tree, node

RATES_SHOWN, CLUSTERS_SHOWN, CHECKS_SHOWN = 4, 4, 2
WIDTH, HEIGHT = 168, 30
KIND_WORDS = {"request": "weak request", "cluster": "similar text"}
KIND_BRIEF = {"request": "request", "cluster": "text"}


def find_scale(rates: Sequence[AlarmRate]) -> float:
    """The top of the scale that all series share: the highest point, up to a multiple of 5 %."""
    highest = max((value for rate in rates for value in rate.series), default=0.0)
    return max(0.05, ceil(highest * 20 - 1e-9) / 20)


def build_rates(rates: Sequence[AlarmRate], scale: float, chosen: str) -> Tree:
    """One line a run: its series on the common scale and its share in all; a click reports the run."""
    lines: list[Tree] = []
    for rate in rates[:RATES_SHOWN]:
        tone = "alarm" if rate.violations else "muted"
        style = (
            "display:grid;grid-template-columns:minmax(0,1fr) auto 66px;gap:8px;align-items:center;padding:4px 0;"
            "border-bottom:1px solid var(--ad-line);cursor:pointer"
        )
        if rate.run_id == chosen:
            style += BAND
        share = f"{100 * rate.rate:.0f} %"
        words = f"{rate.run_id}: {rate.alarms} of {count_of(rate.tasks, 'task')} with a violation or a flag, {share}"
        lines.append(
            node(
                "div",
                {"style": style, "class": "hover", "act": f"run|{rate.run_id}", "aria-label": words, "title": words},
                node("span", "cut" if rate.run_id != chosen else "cut strong-text", rate.run_id),
                _draw_series(rate, scale, tone),
                node("span", "num", node("b", "alarm" if rate.violations else None, share),
                     node("div", "tiny muted", f"{rate.alarms:,} of {rate.tasks:,}")),
            )
        )  # fmt: skip
    if len(rates) > RATES_SHOWN:
        lines.append(node("div", "small muted", f"{len(rates) - RATES_SHOWN:,} more runs have lower rates."))
    return node("div", None, *lines)


def build_clusters(clusters: Sequence[Cluster], chosen: str, bar: float) -> Tree:
    """Clusters with their size and mean gaps, in the alarm's colour below `bar`; a click reports `kind:group|run`."""
    if not clusters:
        return node("div", "small muted", "No three tasks of a run share a weak request or nearly a text.")
    grid = "display:grid;grid-template-columns:minmax(0,1fr) 44px 52px 62px 62px;gap:0 6px;align-items:center"
    heads = ("Shared", "tasks", "alarms", "claimed", "certified")
    lines: list[Tree] = [
        node(
            "div",
            {"class": "small muted", "style": f"{grid};padding:4px 0;border-bottom:1px solid var(--ad-line)"},
            *[node("span", "num" if at else None, head) for at, head in enumerate(heads)],
        )
    ]
    for cluster in clusters[:CLUSTERS_SHOWN]:
        name = f"{cluster.kind}:{cluster.group}"
        style = f"{grid};padding:5px 0;border-bottom:1px solid var(--ad-line);cursor:pointer"
        if name == chosen:
            style += BAND
        title = f"{count_of(cluster.tasks, 'task')} of {cluster.run_id} share a {KIND_WORDS[cluster.kind]}"
        title += f"; {cluster.measured:,} of them certified"
        below = cluster.certified is not None and cluster.certified < bar
        tone = "alarm" if below else "muted" if cluster.certified is None else None
        alarms = format_count(cluster.alarms) if cluster.alarms else "–"
        about = {
            "style": style,
            "class": "hover",
            "act": f"{name}|{cluster.run_id}",
            "title": title,
            "aria-label": title,
        }
        lines.append(
            node(
                "div",
                about,
                node("span", "cut", node("span", "mono", shorten_group(cluster.group)),
                     node("span", "tiny muted", f" {KIND_BRIEF[cluster.kind]}")),
                node("span", "num", format_count(cluster.tasks)),
                node("span", "num alarm" if cluster.alarms else "num muted", alarms),
                node("span", "num", format_gap(cluster.claimed)),
                node("span", "num", node("b", tone, format_gap(cluster.certified))),
            )
        )  # fmt: skip
    if len(clusters) > CLUSTERS_SHOWN:
        lines.append(node("div", "small muted", f"{len(clusters) - CLUSTERS_SHOWN:,} more."))
    return node("div", {"role": "table", "aria-label": "Clusters"}, *lines)


def build_run_checks(checks: Sequence[RunCheck]) -> Tree | None:
    """What detectors say of runs as a whole; None when none found anything."""
    found: dict[tuple[str, str], list[RunCheck]] = {}
    for check in checks:
        if check.severity in ("violation", "flag"):
            found.setdefault((check.run_id, check.detector), []).append(check)
    if not found:
        return None
    lines: list[Tree] = []
    for (run_id, detector), own in list(found.items())[:CHECKS_SHOWN]:
        name = f"{run_id}, {name_found(detector)[:1].lower()}{name_found(detector)[1:]}: "
        more = node("span", "muted", f"; {len(own) - 1:,} more") if len(own) > 1 else None
        title = "\n".join(check.sentence for check in own[:10])
        lines.append(
            node(
                "div",
                {"style": "display:grid;grid-template-columns:16px 1fr;gap:4px", "title": title},
                node("span", {"class": "alarm", "style": "padding-top:2px"}, draw_severity(own[0].severity)),
                node("span", "lines small", node("b", None, name), own[0].sentence, more),
            )
        )
    left_out = len(found) - CHECKS_SHOWN
    rest = node("div", "small muted", f"{left_out:,} more of runs as a whole.") if left_out > 0 else None
    return build_stack(*lines, rest, gap=4)


def shorten_group(group: str) -> str:
    """The number that stands for a cluster as eight hexadecimal digits in two groups."""
    digits = f"{int(group):016x}"
    return f"{digits[:4]} {digits[4:8]}"


def _draw_series(rate: AlarmRate, scale: float, tone: str) -> Tree:
    """The series as a filled line from 0 to `scale`; a single point is a dot, because a line would invent a course."""
    values = rate.series
    count = len(values)
    points = [
        (
            4 + (WIDTH - 8) * (at / (count - 1) if count > 1 else 0.5),
            HEIGHT - 4 - (HEIGHT - 8) * min(1.0, value / scale),
        )
        for at, value in enumerate(values)
    ]
    colour = f"var(--ad-{tone})"
    base = HEIGHT - 4
    shapes: list[Tree] = [
        node("line", {"x1": 4, "x2": WIDTH - 4, "y1": base, "y2": base, "stroke": "var(--ad-line)", "stroke-width": 1})
    ]
    if count > 1:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        area = f"4,{base} {line} {WIDTH - 4},{base}"
        shapes.append(node("polygon", {"points": area, "fill": colour, "opacity": 0.14}))
        shapes.append(node("polyline", {"points": line, "fill": "none", "stroke": colour, "stroke-width": 1.5}))
    x, y = points[-1]
    shapes.append(node("circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": 2.4, "fill": colour}))
    label = f"{rate.run_id}: {', '.join(f'{100 * value:.0f} %' for value in values[:12])}"
    return node(
        "span", "mark", node("svg", {"width": WIDTH, "height": HEIGHT, "role": "img", "aria-label": label}, *shapes)
    )
