"""The held-out side is frozen: a change of its files shows in a published number."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.sabotage.frozen import FROZEN, GROUPS, hash_groups, normalise

FOLDER = Path(__file__).parents[2] / "benchmarks" / "sabotage"


@pytest.mark.parametrize("group", GROUPS)
def test_frozen_files_are_as_published(group: str) -> None:
    assert hash_groups()[group] == FROZEN[group]


def test_every_held_out_file_is_frozen() -> None:
    files = {name for names in GROUPS.values() for name in names}
    kept = {path.name for pattern in ("heldout*.py", "stealth*.py") for path in FOLDER.glob(pattern)}
    assert kept | {"evasion.py", "wordings.py"} == files


def test_white_space_at_the_ends_does_not_count() -> None:
    assert normalise("a \r\n b\t\n\n") == "a\n b"
