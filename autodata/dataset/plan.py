"""What a version is made with: everything that decides about its bytes, so that it can be made again."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from autodata.dataset.contamination import ContaminationSettings
from autodata.dataset.formats import FormatOptions
from autodata.dataset.policies import APPROVED, GatePolicy
from autodata.dataset.splits import SplitSettings
from autodata.errors import BadInput


class ExportPlan(BaseModel):
    """The settings of an export. `splits` None puts everything into train, `pseudonyms` makes reviewers numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: GatePolicy = APPROVED
    formats: tuple[str, ...] = ("jsonl", "parquet")
    options: FormatOptions = FormatOptions()
    splits: SplitSettings | None = None
    contamination: ContaminationSettings | None = None
    pseudonyms: bool = False

    @property
    def needs_audit(self) -> bool:
        """Whether what the audit found decides about the bytes, so that tasks have to be audited first."""
        return self.policy.needs_audit or "raw" in self.formats

    @property
    def wants_copies(self) -> bool:
        """Whether near copies have to be known."""
        return self.policy.one_per_cluster or bool(self.splits and self.splits.near_copies_together)


def parse_plan(values: Any) -> ExportPlan:
    """A plan as a manifest has it; raises BadInput naming what cannot be used."""
    try:
        return ExportPlan.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"the settings of this version cannot be used: {where}: {first['msg']}") from error


def make_splits(validation: float, test: float, seed: int = 0) -> SplitSettings | None:
    """Split settings from two shares; None when both are 0. Raises BadInput for shares that cannot be."""
    if not validation and not test:
        return None
    try:
        return SplitSettings(validation=validation, test=test, seed=seed)
    except ValidationError as error:
        raise BadInput(f"splits: {str(error.errors()[0]['msg']).removeprefix('Value error, ')}") from error
