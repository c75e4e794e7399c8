"""Gate policies: which tasks may leave, as a named value. Three presets, or a TOML file of one's own.

A preset is a promise that a card can name. `approved`: people approved it and the record holds. `audited`: and nothing
the audit found is open. `certified`: and the gap was measured again on fresh answers.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autodata.bounded import SETTINGS_MAX, read_bounded
from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.home import Home, is_name
from autodata.team import QUORUM_MAX

FOLDER = "policies"
"""Of the home: one TOML file a policy, named after it."""


class GatePolicy(BaseModel):
    """What a task needs to leave. Approval, an accepted round, an intact record and the very words that were approved
    are asked for by every policy, and a canary leaves under none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field("custom", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
    quorum: int = Field(1, ge=1, le=QUORUM_MAX)
    """Fewest people whose vote is approve; a lead's last word stands for all of them."""
    alarms_settled: bool = False
    """Audited, and no violation of the audit is open (docs/dataset.md says when one is)."""
    parity_shown: bool = False
    """Weak and strong requests are recorded and equal, or differ only in what the signed contract lets differ.
    Without it, a task whose requests were not recorded may leave; one whose requests differ never does."""
    gap_not_refuted: bool = False
    """The audit has not found the gap to be unreal. A task that nobody measured again may leave."""
    certified_low_above: float | None = Field(None, ge=-1, lt=1)
    """Lower end of the 90 % interval of the certified gap must lie above this; None asks for no certified gap."""
    one_per_cluster: bool = False
    """Of near copies only the best leaves: by certified gap, then by measured gap."""
    leave_out_runs: tuple[str, ...] = ()
    """Runs of which nothing leaves, whatever was decided: the way round a journal that does not verify any more."""

    @property
    def needs_audit(self) -> bool:
        """Whether it asks what the audit found, so that tasks have to be audited first."""
        return self.alarms_settled or self.gap_not_refuted or self.certified_low_above is not None

    @property
    def sha(self) -> str:
        return hash_value(self.model_dump(mode="json"))


APPROVED = GatePolicy(name="approved")

GATE_PRESETS: dict[str, GatePolicy] = {
    "approved": APPROVED,
    "audited": GatePolicy(name="audited", alarms_settled=True, parity_shown=True, gap_not_refuted=True),
    "certified": GatePolicy(
        name="certified", alarms_settled=True, parity_shown=True, gap_not_refuted=True, certified_low_above=0.2
    ),
}


def list_policies(home: Home) -> dict[str, GatePolicy]:
    """The presets and the home's own policies by name. A file that cannot be read raises BadInput naming it."""
    own = {path.stem: _read_file(path) for path in sorted((home.root / FOLDER).glob("*.toml"))}
    return {**own, **GATE_PRESETS}


def find_policy(home: Home, name: str) -> GatePolicy:
    """A preset, a policy of the home, or a TOML file by its path; raises BadInput listing what there is."""
    if name in GATE_PRESETS:
        return GATE_PRESETS[name]
    if name.endswith(".toml") and Path(name).is_file():
        return _read_file(Path(name))
    path = home.root / FOLDER / f"{name}.toml"
    if is_name(name) and path.is_file():
        return _read_file(path)
    own = [path.stem for path in sorted((home.root / FOLDER).glob("*.toml"))]
    raise BadInput(
        f"gate policy {name!r} is unknown; choose one of {', '.join([*GATE_PRESETS, *own])}, or give a .toml file. "
        f"Policies of your own lie in {home.root / FOLDER}"
    )


def change_policy(policy: GatePolicy, **changes: Any) -> GatePolicy:
    """The policy with some values changed, which makes it `custom`; the same one when nothing changes."""
    base = policy.model_dump()
    if all(base.get(key, ...) == value for key, value in changes.items()):
        return policy
    return parse_policy({**base, "name": "custom", **changes})


def parse_policy(values: dict[str, Any], where: str = "gate policy") -> GatePolicy:
    """A policy from plain values, e.g. of a manifest; raises BadInput naming what is wrong."""
    try:
        return GatePolicy(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{where}: {field + ': ' if field else ''}{first['msg']}") from error


def _read_file(path: Path) -> GatePolicy:
    try:
        values = tomllib.loads(read_bounded(path, SETTINGS_MAX, "policy file").decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    if path.stem in GATE_PRESETS:
        raise BadInput(f"{path} has the name of a preset; give it another one")
    return parse_policy({"name": path.stem, **values}, str(path))
