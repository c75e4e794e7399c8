"""How every version stands today: as it was written, withdrawn, or with tasks that people think otherwise of since."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.dataset.folder import DatasetVersion, list_versions
from autodata.home import Home
from autodata.index.database import Index
from autodata.index.queries.dataset_versions import Withdrawal, count_outdated, list_exports, list_withdrawals


@dataclass(frozen=True, slots=True)
class VersionState:
    """`outdated` tasks of the version are not approved any more, or were approved with other words since; the next
    export leaves them out. `withdrawn` is None for a version that stands. `recorded` is False for one whose export was
    killed between its last file and its record."""

    version: DatasetVersion
    withdrawn: Withdrawal | None
    outdated: int
    recorded: bool = True

    @property
    def words(self) -> str:
        """The state as a few words; "" for a version that stands as it was written."""
        if self.withdrawn:
            return f"withdrawn by {self.withdrawn.reviewer}: {self.withdrawn.reason}"
        if self.outdated:
            noun = "task is" if self.outdated == 1 else "tasks are"
            return f"{self.outdated:,} {noun} not approved any more"
        if not self.recorded:
            return "not recorded: its export was cut off at the end; export again"
        return self.version.problem


def list_states(home: Home, index: Index) -> list[VersionState]:
    """All versions on the disk by name and then newest first, as the index, which is up to date, knows them."""
    withdrawn, outdated = list_withdrawals(index), count_outdated(index)
    recorded = {(export.name, export.version) for export in list_exports(index)}
    return [
        VersionState(one, withdrawn.get(place), outdated.get(place, 0), place in recorded)
        for one in list_versions(home)
        for place in [(one.name, one.version)]
    ]
