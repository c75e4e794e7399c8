"""The held-out side is frozen: one hash for each of its groups of files, kept here and published in docs/audit.md.

Whoever changes a held-out or evasive family after detectors were first measured on it changes its number, and a test
says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

GROUPS = {
    "held-out": ("heldout.py", "heldout_judge.py", "heldout_request.py", "heldout_task.py"),
    "evasive": ("evasion.py", "stealth.py", "stealth_request.py", "stealth_task.py"),
    "wordings": ("wordings.py",),
}

FROZEN = {
    "held-out": "082e4b33998ac10687c7a9fc68f45a66cbc863c3b6c7f54ef00573bb8fa498d2",
    "evasive": "551e214d650eb91d3ffaa85f56857f9b710f6b931e3fd9f67dc10e98d5182a7d",
    "wordings": "3757a69667522f17ae49728b0e3cb26d447ea62b3e0f8c6cf8e354f3364b415c",
}
"""SHA-256 of the groups as they were when detectors were first measured on them."""


def hash_groups() -> dict[str, str]:
    """SHA-256 of every group of files as they are now."""
    return {name: hash_files(files) for name, files in GROUPS.items()}


def hash_files(files: Iterable[str]) -> str:
    """SHA-256 over names and normalised texts: line ends and white space at the end of a line do not count."""
    digest = hashlib.sha256()
    for name in files:
        text = Path(__file__).with_name(name).read_text(encoding="utf-8")
        digest.update(f"{name}\n{normalise(text)}\n".encode())
    return digest.hexdigest()


def normalise(text: str) -> str:
    """The text without white space at the ends of its lines and of itself."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
