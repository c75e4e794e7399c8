"""Where everything a user has lies: one folder, `--home` or AUTODATA_HOME, default ./data."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from autodata.errors import BadInput

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below the home folder. Nothing is created until something is written."""

    root: Path

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    def run(self, run_id: str) -> Path:
        """Folder of one run; raises BadInput for an id that could leave the folder."""
        return self.runs / check_name(run_id, "run")

    def journal(self, run_id: str) -> Path:
        return self.run(run_id) / "journal.jsonl"

    @property
    def audits(self) -> Path:
        """Journals of audits with model calls, one folder per audited run, and the calibration sets."""
        return self.root / "audits"

    def audit(self, run_id: str) -> Path:
        """Folder of one run's audits; raises BadInput for an id that could leave the folder."""
        return self.audits / check_name(run_id, "run")

    def audit_journal(self, run_id: str) -> Path:
        return self.audit(run_id) / "journal.jsonl"

    @property
    def optimizations(self) -> Path:
        """Searches for better recipes, one folder each: a journal, and a home of its own for the runs it makes."""
        return self.root / "optimizations"

    def optimization(self, name: str) -> Path:
        """Folder of one search; raises BadInput for a name that could leave the folder."""
        return self.optimizations / check_name(name, "optimization")

    def optimization_journal(self, name: str) -> Path:
        return self.optimization(name) / "journal.jsonl"

    @property
    def reviews(self) -> Path:
        return self.root / "reviews.jsonl"

    @property
    def database(self) -> Path:
        return self.root / "autodata.duckdb"

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def logs(self) -> Path:
        """What the app did, in files of bounded size."""
        return self.root / "logs"

    @property
    def seats(self) -> Path:
        return self.root / "seats.toml"

    @property
    def recipes(self) -> Path:
        """Folders of the user's own recipes, one per domain."""
        return self.root / "recipes"

    @property
    def simulator(self) -> Path:
        return self.root / "simulator"


def open_home(path: str | Path | None = None) -> Home:
    """The home at `path`, else at AUTODATA_HOME, else ./data. Raises BadInput when it is a file."""
    root = Path(path or os.environ.get("AUTODATA_HOME") or "data").expanduser().absolute()
    if root.exists() and not root.is_dir():
        raise BadInput(f"home {root} is a file; give a folder with --home or AUTODATA_HOME")
    return Home(root)


def is_name(name: str) -> bool:
    """Whether `name` is safe as a file name: letters, digits, dot, dash, underscore, at most 80 characters."""
    return _NAME.fullmatch(name) is not None and ".." not in name


def check_name(name: str, what: str) -> str:
    """`name` when it is safe as a file name; raises BadInput that says what is."""
    if not is_name(name):
        raise BadInput(
            f"{what} name {name!r} cannot be used: letters, digits, '.', '_' and '-' only, at most 80 characters"
        )
    return name
