"""All static detectors by id, and one pass of them over a task."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autodata.audit.records import TaskRecords
from autodata.audit.static.characters import check_characters
from autodata.audit.static.check import Check, Detector
from autodata.audit.static.failures import check_failures, check_window
from autodata.audit.static.identity import check_models
from autodata.audit.static.judging import check_judge
from autodata.audit.static.leakage import check_leakage
from autodata.audit.static.ledger import check_ledger
from autodata.audit.static.lint import check_instructions
from autodata.audit.static.order import check_chain, check_order
from autodata.audit.static.plumbing import check_plumbing
from autodata.audit.static.requests import check_parameters, check_symmetry, check_templates
from autodata.audit.static.scores import check_scores
from autodata.audit.static.weights import check_weights

STATIC: Mapping[str, Detector] = MappingProxyType(
    {
        "S0": check_scores,
        "S1": check_symmetry,
        "S2": check_templates,
        "S3": check_parameters,
        "S4": check_models,
        "S5": check_plumbing,
        "S6": check_judge,
        "S7": check_order,
        "S8": check_ledger,
        "S9": check_failures,
        "S10": check_window,
        "S11": check_characters,
        "S12": check_instructions,
        "S13": check_leakage,
        "S14": check_weights,
        "S15": check_chain,
    }
)


def check_task(task: TaskRecords) -> dict[str, Check]:
    """Every static detector's check of one task, by id."""
    return {name: detector(task) for name, detector in STATIC.items()}
