"""How every version stands today: as it was written, withdrawn, or with tasks that people think otherwise of since."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.dataset.folder import DatasetVersion, list_versions
from autodata.home import Home
from autodata.index.database import Index
from autodata.index.queries.dataset_versions import Withdrawal, count_outdated, list_withdrawals


@dataclass(frozen=True, slots=True)
class VersionState:
    """`outdated` tasks of the version are not approved any more, or were approved with other words since; the next
    export leaves them out. `withdrawn` is None for a version that stands."""

    version: DatasetVersion
    withdrawn: Withdrawal | None
    outdated: int

    @property
    def words(self) -> str:
        """The state as a few words; "" for a version that stands as it was written."""
        if self.withdrawn:
            return f"withdrawn by {self.withdrawn.reviewer}: {self.withdrawn.reason}"
        if self.outdated:
            noun = "task is" if self.outdated == 1 else "tasks are"
            return f"{self.outdated:,} {noun} not approved any more"
        return self.version.problem


def list_states(home: Home, index: Index) -> list[VersionState]:
    """All versions on the disk by name and then newest first, as the index, which is up to date, knows them."""
    withdrawn, outdated = list_withdrawals(index), count_outdated(index)
    return [
        VersionState(one, withdrawn.get((one.name, one.version)), outdated.get((one.name, one.version), 0))
        for one in list_versions(home)
    ]
