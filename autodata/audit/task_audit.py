"""What an audit says of one task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autodata.audit.certified import CertifiedGap
from autodata.audit.luck import LuckRisk
from autodata.audit.sentence import Claim
from autodata.audit.verdict import Coverage, Finding, Severity, Verdict
from autodata.model import Task

ORDER: tuple[Severity, ...] = ("violation", "flag", "note")


@dataclass(frozen=True, slots=True)
class TaskAudit:
    """What is known of one task: from its records, and from fresh answers where `merge_audit` joined them.

    `findings` are ordered by severity, `coverage` holds the detectors that were tried, `lacking` maps detectors to what
    they miss. `declared`: a person signed a difference that was found. `sentence` is for a person and quotes texts of
    the task: it must be shown as text.
    """

    task: Task
    outcome: str
    claim: Claim
    verdict: Verdict
    findings: tuple[Finding, ...]
    lacking: Mapping[str, tuple[str, ...]]
    luck: LuckRisk | None
    sentence: str
    coverage: Mapping[str, Coverage]
    declared: bool = False
    certified: CertifiedGap | None = None

    @property
    def worst(self) -> Finding | None:
        """The first finding of the highest severity."""
        return self.findings[0] if self.findings else None

    @property
    def found(self) -> bool:
        """Whether anything was found that a person should look at; a note is not."""
        return any(finding.severity != "note" for finding in self.findings)


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first; of one severity in the order given."""
    return tuple(sorted(findings, key=lambda finding: ORDER.index(finding.severity)))
