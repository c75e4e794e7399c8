"""Every check over a run's accepted tasks together, from values that were measured once (autodata.audit.task_values).

What cannot be computed says so; it never reads as clean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.clusters import link_sketches
from autodata.audit.divergence import VersionCounts, compare_versions
from autodata.audit.group_statistics import check_groups
from autodata.audit.hugging import find_hugging
from autodata.audit.run_finding import RunFinding, name_group
from autodata.audit.task_values import TaskValues
from autodata.audit.verdict import Coverage
from autodata.canon import hash_text


@dataclass(frozen=True, slots=True)
class RunStudy:
    """What a run's tasks say together. `coverage` is by detector, `clusters` and `evidence` by task id."""

    findings: tuple[RunFinding, ...]
    coverage: Mapping[str, Coverage]
    clusters: Mapping[str, int] = field(default_factory=dict)
    evidence: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def study_run(
    tasks: Sequence[TaskValues],
    earlier: Sequence[TaskValues],
    gaps: Sequence[float],
    versions: Sequence[VersionCounts],
) -> RunStudy:
    """Every check over many tasks. `tasks` are the run's accepted ones in the order of its journal.

    `earlier` are tasks of the same weak model and domain from runs that started before. `gaps` are the accepted gaps of
    this recipe version so far, `versions` this recipe's versions in the order in which they first ran, the run's last.
    """
    evidence: dict[str, dict[str, float]] = defaultdict(dict)
    clusters, copies = _find_copies(tasks, evidence)
    bar = min((task.bar for task in tasks), default=DEFAULT_BAR)
    findings = [_check_hugging(gaps, bar), *check_groups(tasks, earlier, evidence), _check_versions(versions), *copies]
    coverage: dict[str, Coverage] = {}
    for finding in findings:
        if coverage.get(finding.detector) != "done":
            coverage[finding.detector] = finding.coverage
    return RunStudy(tuple(findings), coverage, clusters, evidence)


def _check_hugging(gaps: Sequence[float], bar: float) -> RunFinding:
    found = find_hugging(gaps, bar)
    numbers = {"near": found.near, "far": found.far, "p": found.p}
    if found.p is None:
        return RunFinding("Z2", "not_run", f"threshold hugging was not checked: {found.note}", numbers=numbers)
    words = f"{found.near} accepted gaps lie within 0.02 of the bar {bar:.2f} and {found.far} in the 0.02 above"
    return RunFinding("Z2", "done", f"{words} (p = {found.p:.2g})", "flag" if found.flagged else "", numbers)


def _check_versions(versions: Sequence[VersionCounts]) -> RunFinding:
    if len(versions) < 2:
        return RunFinding("Z8", "not_run", "only one version of this recipe has run")
    found = compare_versions(versions[-2], versions[-1])
    numbers = {
        "before": versions[-2].version,
        "after": versions[-1].version,
        "accepted_change": found.accepted_change,
        "accepted_z": found.accepted_z,
        "certified_change": found.certified_change,
        "certified_z": found.certified_z,
    }
    if found.accepted_change is None or found.certified_change is None:
        words = f"divergence of versions was not checked: {found.note}"
        return RunFinding("Z8", "not_run", words, numbers=numbers)
    words = (
        f"against the version before, the accepted share changed by {found.accepted_change:+.2f} and the certified "
        f"share by {found.certified_change:+.2f}"
    )
    return RunFinding("Z8", "done", words, "flag" if found.alarm else "", numbers)


def _find_copies(
    tasks: Sequence[TaskValues], evidence: dict[str, dict[str, float]]
) -> tuple[dict[str, int], list[RunFinding]]:
    """Clusters of near copies by their number: 64 bits of the hash of its first task's id."""
    groups = link_sketches({task.task_id: task.sketch for task in tasks})
    clusters: dict[str, int] = {}
    findings = []
    for task in tasks:
        if task.sketch:
            evidence[task.task_id]["Z9"] = 0.0
    for group in groups:
        number = int(hash_text(group[0])[:16], 16)
        clusters |= dict.fromkeys(group, number)
        for task_id in group:
            evidence[task_id]["Z9"] = log(len(group))
        words = f"{len(group)} accepted tasks have nearly the same question and rubric; audit them as one"
        findings.append(RunFinding("Z9", "done", words, "flag", {"cluster": name_group(number), "tasks": len(group)}))
    if not findings:
        findings.append(RunFinding("Z9", "done", "no five accepted tasks are near copies of one another"))
    return clusters, findings
