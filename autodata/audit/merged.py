"""One task's record and its fresh answers, joined: the only place where the final verdict of a task is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from autodata.audit.certified import CertifiedGap, Difficulty
from autodata.audit.fresh.result import Result
from autodata.audit.sentence import write_sentence
from autodata.audit.task_audit import TaskAudit, sort_findings
from autodata.audit.verdict import Coverage, decide_verdict
from autodata.errors import BadInput

_WHOLE = ("weak", "strong")


def merge_audit(static: TaskAudit, results: Mapping[str, Result], *, siblings: int = 0, shared: str = "") -> TaskAudit:
    """The task's audit with everything that asked models: findings and coverage of both, certified gap, verdict, words.

    A result stands for its detector alone and takes the place of what the record said under the same id. Merging is
    done from the record each time, never onto an earlier merge. `siblings` and `shared` as in `write_sentence`. A K1
    whose numbers make no certified gap counts as failed: the task stays uncertified, and the others are none the worse.
    """
    results = _check_certification(results)
    kept = (finding for finding in static.findings if finding.detector not in results)
    fresh = (finding for result in results.values() for finding in result.findings)
    findings = sort_findings((*kept, *fresh))
    coverage: dict[str, Coverage] = {**static.coverage, **{name: result.coverage for name, result in results.items()}}
    certification = results.get("K1")
    certified = read_certified(certification) if certification else None
    verdict = decide_verdict(findings, coverage, certified, declared=static.declared)
    judge = str(certification.numbers.get("judge") or "") if certification else ""
    lacking = {name: missing for name, missing in static.lacking.items() if name not in results}
    return replace(
        static,
        verdict=verdict,
        findings=findings,
        lacking=lacking | {name: result.missing for name, result in results.items() if result.missing},
        sentence=write_sentence(
            verdict, static.claim, findings, certified, judge=judge, siblings=siblings, shared=shared
        ),
        coverage=coverage,
        certified=certified,
    )


def _check_certification(results: Mapping[str, Result]) -> Mapping[str, Result]:
    try:
        if "K1" in results:
            read_certified(results["K1"])
    except BadInput as error:
        return {**results, "K1": Result("K1", "failed", missing=(str(error),))}
    return results


def read_certified(result: Result) -> CertifiedGap | None:
    """The certified gap in the numbers of a K1 that is done; None for one that is not.

    Raises BadInput naming the number that is absent or of a wrong kind.
    """
    if result.coverage != "done":
        return None
    return CertifiedGap(**{field.name: _read_number(field.name, result.numbers) for field in fields(CertifiedGap)})


def _read_number(name: str, numbers: Mapping[str, Any]) -> Any:
    value = numbers.get(name)
    if name == "note":
        return str(value or "")
    if name == "verdict":
        if value not in Difficulty.__args__:  # type: ignore[attr-defined]
            raise BadInput(f"the certified gap's verdict is {value!r}; it must be real, not_real or undecided")
        return value
    if isinstance(value, bool) or not isinstance(value, int if name in _WHOLE else int | float):
        raise BadInput(f"the certified gap's {name} is {value!r}; it must be a number")
    return value
