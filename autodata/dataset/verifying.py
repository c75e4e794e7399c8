"""Whether a version still is what was exported: its files, its manifest, and the journals that it came out of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autodata.dataset.folder import hash_files, hash_listing, read_manifest
from autodata.dataset.withdrawing import MARKER, render_marker
from autodata.home import Home
from autodata.index.known import AUDITS, REVIEWS, RUNS
from autodata.journal import read_records, verify_journal
from autodata.journals.files import has_journal

_UNLISTED = ("manifest.json", MARKER)


@dataclass(frozen=True, slots=True)
class VersionReport:
    """What a check found. `files` and `journals` are how many were looked at; `grown`: journal to records since."""

    name: str
    version: str
    files: int
    journals: int
    problems: tuple[str, ...]
    grown: dict[str, int]

    @property
    def ok(self) -> bool:
        return not self.problems


def verify_version(home: Home, name: str, version: str) -> VersionReport:
    """Hash every file, and check that every journal verifies and still has the record the version was made up to.

    Raises BadInput for a version that is not there.
    """
    manifest = read_manifest(home, name, version)
    heads = manifest.get("journals") or []
    wanted = {**(manifest.get("files") or {}), **(manifest.get("card_files") or {})}
    grown: dict[str, int] = {}
    problems = check_folder(home, name, version)
    for head in heads:
        problem = check_head(home, head, grown)
        if problem:
            problems.append(problem)
    return VersionReport(name, version, len(wanted), len(heads), tuple(problems), grown)


def check_folder(home: Home, name: str, version: str) -> list[str]:
    """What speaks against the folder of a version: its files, its manifest, its marker. No run's journal is read.

    Raises BadInput for a version that is not there.
    """
    manifest, folder = read_manifest(home, name, version), home.datasets / name / version
    return [
        *_check_files(folder, manifest),
        *_check_record(home, name, version, folder),
        *_check_marker(home, name, version, folder),
    ]


def find_journal(home: Home, name: str) -> Path:
    """The journal of a name as manifests have it; raises BadInput for one that could leave the home."""
    if name.startswith(RUNS):
        return home.journal(name.removeprefix(RUNS))
    return home.audit_journal(name.removeprefix(AUDITS)) if name.startswith(AUDITS) else home.reviews


def check_head(home: Home, head: dict[str, Any], grown: dict[str, int]) -> str:
    """Why a journal is not the one that the version was made from, or "". Records since then go into `grown`."""
    path, wanted = find_journal(home, str(head["journal"])), int(head["records"])
    if not has_journal(path):
        return f"{path} is not there any more"
    report = verify_journal(path)
    if not report.ok:
        return f"{path}, line {report.records + 1}: {report.problems[0]}"
    if report.records < wanted:
        return f"{path} has {report.records:,} records; the version was made from {wanted:,}"
    found = next((record.sha for record in read_records(path) if record.seq == wanted), "")
    if found != head["head"]:
        return f"{path}, line {wanted}: is not the record that the version was made up to"
    if report.records > wanted:
        grown[str(head["journal"])] = report.records - wanted
    return ""


def _check_files(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    listed = manifest.get("files") or {}
    wanted = {**listed, **(manifest.get("card_files") or {})}
    # A version written before cards were listed has one all the same.
    found = hash_files(folder, skip=_UNLISTED if "card_files" in manifest else (*_UNLISTED, "README.md"))
    for name, one in wanted.items():
        if name not in found:
            yield f"{folder / name} is missing"
        elif found[name]["sha256"] != one["sha256"]:
            yield f"{folder / name} is not what was exported"
    yield from (f"{folder / name} was not exported" for name in found if name not in wanted)
    # What a link leads to may change after any look at it.
    yield from (f"{path} is a link; an export writes none" for path in sorted(folder.rglob("*")) if path.is_symlink())
    if "files_hash" in manifest and manifest["files_hash"] != hash_listing(listed):
        yield f"{folder / 'manifest.json'}: the hash of all files does not fit its list of files"


def _check_record(home: Home, name: str, version: str, folder: Path) -> Iterator[str]:
    """The reviews journal holds the manifest's own hash, so that it cannot be rewritten with the files."""
    for record in read_records(home.reviews):
        if record.kind == "export" and (record.data.get("name"), record.data.get("version")) == (name, version):
            sha = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
            if record.data.get("manifest_sha", sha) != sha:
                yield f"{folder / 'manifest.json'} is not what was exported, says {REVIEWS} record {record.seq:,}"
            return
    yield f"{home.reviews} has no export of {name} {version}"


def _check_marker(home: Home, name: str, version: str, folder: Path) -> Iterator[str]:
    """Whoever copies the files has only the marker to go by: it says what the reviews journal says, or is not there."""
    path, reason = folder / MARKER, None
    for record in read_records(home.reviews):
        if record.kind == "export_withdrawn" and (record.data["name"], record.data["version"]) == (name, version):
            reason = str(record.data["reason"])
    if reason is None:
        if path.exists():
            yield f"{path} was not written by a withdrawal"
    elif not path.exists():
        yield f"{path} is missing; the version was withdrawn: {reason}"
    elif path.read_bytes() != render_marker(name, version, reason):
        yield f"{path} does not say why the version was withdrawn: {reason}"
