"""What lies in a home and what of it matters: a backup takes what nothing could make again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from autodata.home import Home
from autodata.journals.files import SUFFIX

JOURNAL_SUFFIX = ".jsonl"

_MADE_AGAIN = ("simulator", "leases.json", "quirks.json", "logs")
"""Top-level names that hold only what the program finds out anew, or what passes."""

_ORDER = ("reviews.jsonl", "audits", "datasets")
"""Copied first, in this order, because they speak of what is copied later: so whatever they name is in the copy."""


def list_kept(home: Home) -> Iterator[Path]:
    """Files that a backup takes, what refers to others first. Links, locks and half-written files are passed over."""
    ranks = {name: rank for rank, name in enumerate(_ORDER)}
    for top in sorted(home.root.iterdir(), key=lambda path: (ranks.get(path.name, len(ranks)), path.name)):
        if top.is_symlink() or top.name in _MADE_AGAIN or top.name.startswith(home.database.name):
            continue
        if top.is_file():
            if _is_kept(top.name):
                yield top
        elif top.is_dir() and not top.name.startswith("."):
            yield from _walk(top)


def is_journal(name: str) -> bool:
    """Whether a file, named relative to its home, is a hash-chained journal of this program, compressed or not.

    Exported items have the same suffix and no chain; they lie under datasets/, and uploads are a person's own.
    """
    return name.removesuffix(SUFFIX).endswith(JOURNAL_SUFFIX) and name.split("/")[0] not in ("datasets", "uploads")


def list_databases_aside(home: Home) -> list[Path]:
    """Index files that were moved aside because they could not be used."""
    return sorted(home.root.glob(f"{home.database.name}.aside-*"))


def describe_bytes(count: int) -> str:
    """`1.2 GB`, `340 kB`, `12 bytes`; decimal units, as disks are sold."""
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return f"{count} bytes"


def describe_count(count: int, noun: str) -> str:
    """`1 file`, `1,200 files`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if _is_entered(Path(root, name)))
        for name in sorted(names):
            path = Path(root, name)
            if _is_kept(name) and not path.is_symlink():
                yield path


def _is_entered(folder: Path) -> bool:
    """A search keeps runs of its own below its folder, with a simulator's state like the home's."""
    return not folder.name.startswith(".") and folder.name != "simulator" and not folder.is_symlink()


def _is_kept(name: str) -> bool:
    return not name.startswith(".") and not name.endswith((".part", ".new", ".log")) and name != "control"
