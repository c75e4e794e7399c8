"""Putting a backup back: into a home that does not exist yet, whole and checked, or not at all."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from autodata.errors import BadInput, StopRequested
from autodata.home import Home
from autodata.journal import verify_journal
from autodata.operations.backup import FORMAT, MANIFEST
from autodata.operations.contents import is_journal

_CHUNK = 1 << 20
_SPARE = 64 * 2**20
"""Bytes that a restore leaves free on the disk."""
_MANIFEST_MAX = 256 << 20


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """A restored home. `problems` are sentences about journals that were damaged already when they were backed up."""

    root: Path
    files: int
    journals: int
    problems: tuple[str, ...]


def restore_backup(archive: Path, home: Home) -> RestoreReport:
    """Unpack a backup beside the home, check every file against it, then put it in place.

    Raises BadInput when the home holds anything, when the archive is none of this program, was cut off, changed, or
    holds a member that could leave the home; StopRequested("disk") when the disk refuses. Nothing is left behind then.
    """
    if home.root.exists() and (not home.root.is_dir() or any(home.root.iterdir())):
        raise BadInput(f"{home.root} is not empty; restore into a new folder with --home, a restore replaces nothing")
    try:
        home.root.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{home.root.name}.restoring-", dir=home.root.parent))
    except OSError as error:
        raise BadInput(f"{home.root.parent} cannot be written: {error.strerror}; give another --home") from error
    try:
        files = _unpack(archive.expanduser(), aside)
        problems = tuple(
            problem.replace(str(aside), str(home.root))
            for name in files
            if is_journal(name)
            for problem in verify_journal(aside / name).problems
        )
        aside.chmod(0o755)
        if home.root.exists():
            home.root.rmdir()
        aside.rename(home.root)
    except BaseException:
        _remove(aside)
        raise
    return RestoreReport(home.root, len(files), sum(map(is_journal, files)), problems)


def _unpack(archive: Path, folder: Path) -> list[str]:
    """Write the members into `folder`; returns their names once they are what the manifest says."""
    found: dict[str, dict[str, Any]] = {}
    manifest: Mapping[str, Any] | None = None
    try:
        with tarfile.open(archive, mode="r|gz") as tar:
            for member in tar:
                name = _check_member(archive, member)
                if name == MANIFEST:
                    manifest = _read_manifest(archive, tar, member)
                elif manifest is not None or name in found:
                    raise BadInput(f"{archive} holds {name!r} where no backup has it; it was changed")
                else:
                    _check_room(archive, member, folder)
                    found[name] = _write_member(tar, member, folder / name)
    except FileNotFoundError:
        raise BadInput(f"backup {archive} does not exist; give the archive that `autodata backup` wrote") from None
    except IsADirectoryError:
        raise BadInput(f"{archive} is a folder; give the archive that `autodata backup` wrote") from None
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(f"{archive} is not a whole archive ({error}); copy it again from where it was written") from None
    except OSError as error:
        raise StopRequested("disk", f"cannot restore into {folder.parent}: {error.strerror or error}.") from error
    if manifest is None:
        raise BadInput(f"{archive} was cut off: its {MANIFEST} is missing; copy it again from where it was written")
    _compare(archive, found, manifest)
    return list(found)


def _check_member(archive: Path, member: tarfile.TarInfo) -> str:
    """The member's name; raises BadInput for what is no plain file or could be written elsewhere."""
    name = member.name
    path = PurePosixPath(name)
    odd = path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or str(path) != name
    if odd or not member.isreg():
        what = "a place outside the home" if odd else "a link or a device"
        raise BadInput(f"{archive} holds {name!r}, {what}; it is no backup of this program, nothing was restored")
    return name


def _check_room(archive: Path, member: tarfile.TarInfo, folder: Path) -> None:
    """A small archive can hold what fills a disk; what it says of a member's size is what is written at most."""
    free = shutil.disk_usage(folder).free
    if member.size > free - _SPARE:
        raise BadInput(
            f"{archive} holds {member.name!r} of {member.size:,} bytes, and {free:,} are free where it would be "
            "restored; give a --home on a larger disk, if this is your backup"
        )


def _read_manifest(archive: Path, tar: tarfile.TarFile, member: tarfile.TarInfo) -> Mapping[str, Any]:
    source = tar.extractfile(member)
    content = source.read(_MANIFEST_MAX) if source else b""
    try:
        manifest = orjson.loads(content)
        if manifest["format"] != FORMAT:
            raise BadInput(f"{archive} has the format {str(manifest['format'])[:60]!r}; this program reads {FORMAT}")
        return {str(name): (entry["bytes"], entry["sha256"]) for name, entry in manifest["files"].items()}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise BadInput(f"{archive} is no backup of this program: its {MANIFEST} cannot be read") from None


def _write_member(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    with open(path, "xb") as file:
        while source is not None and (chunk := source.read(_CHUNK)):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o444 if member.mode & 0o222 == 0 else 0o644)
    os.utime(path, (member.mtime, member.mtime))
    return {"bytes": size, "sha256": digest.hexdigest()}


def _compare(archive: Path, found: Mapping[str, Mapping[str, Any]], manifest: Mapping[str, Any]) -> None:
    missing = sorted(manifest.keys() - found.keys())
    added = sorted(found.keys() - manifest.keys())
    changed = sorted(
        name
        for name in found.keys() & manifest.keys()
        if (found[name]["bytes"], found[name]["sha256"]) != manifest[name]
    )
    for names, what in ((missing, "is missing"), (added, "was added"), (changed, "was changed")):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise BadInput(f"{archive}: {names[0]}{more} {what} since it was written; nothing was restored")


def _remove(folder: Path) -> None:
    """Read-only files are no obstacle, but a read-only folder of a dataset version would be."""
    for root, folders, _ in os.walk(folder):
        for name in folders:
            Path(root, name).chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
