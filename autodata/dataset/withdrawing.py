"""Withdrawing a version: it stays where it is and readable, and says from then on that it was withdrawn, and why.

The journal of reviews is what says so; a WITHDRAWN.md beside the version's sealed files says it to whoever copies them.
"""

from __future__ import annotations

from pathlib import Path

from autodata.dataset.folder import read_manifest
from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter, read_records
from autodata.review.entry import check_note, check_reviewer
from autodata.review.shared import read_reviews

MARKER = "WITHDRAWN.md"


def withdraw_version(home: Home, name: str, version: str, *, reason: str, reviewer: str) -> Path:
    """Record the withdrawal and put the marker beside the files; returns the marker's path.

    Raises BadInput for an unknown version, one that is withdrawn already, without a reason and for a person who is no
    lead; HeldElsewhere and StopRequested("disk") as a decision does. Where the marker cannot be written, the journal
    has the withdrawal all the same.
    """
    who, why = check_reviewer(reviewer), check_note(reason)
    if not why:
        raise BadInput("a withdrawal needs a reason; whoever opens the version reads it")
    read_reviews(home).team.require(who, "export")
    manifest = read_manifest(home, name, version)
    marker = home.datasets / name / version / MARKER
    with JournalWriter.open_tail(home.reviews) as journal:
        read_reviews(home).team.require(who, "export")
        for record in read_records(home.reviews):
            if record.kind == "export_withdrawn" and (record.data["name"], record.data["version"]) == (name, version):
                raise BadInput(f"{name} {version} was withdrawn already by {record.data['reviewer']}")
        journal.append(
            "export_withdrawn",
            {"name": name, "version": version, "hash": manifest.get("hash", ""), "reason": why, "reviewer": who},
        )
    marker.write_bytes(render_marker(name, version, why))
    marker.chmod(0o444)
    return marker


def render_marker(name: str, version: str, reason: str) -> bytes:
    """What WITHDRAWN.md says."""
    said = "".join(f"    {line}\n" for line in reason.splitlines())
    return (
        f"# Withdrawn\n\n{name} {version} was withdrawn and should not be used any more. The reason that was given:\n\n"
        f"{said}"
    ).encode()
