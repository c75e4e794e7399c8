"""Folders of dataset versions: numbered, locked while one is made, sealed when it is whole, listed afterwards."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from autodata.errors import BadInput, StopRequested
from autodata.home import Home, check_name
from autodata.locks import take_lock

_VERSION = re.compile(r"v(\d{3,})")
_LOCK_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """One version on the disk, as its manifest says. `problem` is a sentence when the manifest cannot be read."""

    name: str
    version: str
    path: Path
    items: int
    hash: str
    created: str
    simulated: bool
    problem: str = ""


def list_versions(home: Home) -> list[DatasetVersion]:
    """All versions of all datasets, by name and then newest first."""
    if not home.datasets.is_dir():
        return []
    folders = sorted(path for path in home.datasets.iterdir() if path.is_dir())
    return [
        _describe_version(home, folder.name, version)
        for folder in folders
        for version in sorted(_list_numbered(folder), key=_number_of, reverse=True)
    ]


def read_manifest(home: Home, name: str, version: str) -> dict[str, Any]:
    """The manifest of one version; raises BadInput when there is none or it is not readable."""
    path = home.datasets / check_name(name, "dataset") / check_name(version, "version") / "manifest.json"
    try:
        manifest = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise BadInput(f"dataset {name} has no version {version} in {home.datasets}") from None
    except (OSError, orjson.JSONDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    if not isinstance(manifest, dict):
        raise BadInput(f"{path} is not a manifest")
    return manifest


@contextmanager
def hold_dataset(folder: Path) -> Iterator[None]:
    """Hold the dataset's lock. The kernel frees it when a process dies, so a partial version found is a dead one."""
    folder.mkdir(parents=True, exist_ok=True)
    fd = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        message = f"another export of dataset {folder.name} is being written. Wait for it, then export again."
        take_lock(fd, _LOCK_WAIT_S, message)
        for left in folder.glob(".v*.partial"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(fd)


@contextmanager
def report_disk(folder: Path) -> Iterator[None]:
    """Turn what the operating system says about a full or forbidden disk into StopRequested("disk")."""
    try:
        yield
    except OSError as error:
        raise StopRequested(
            "disk",
            f"cannot write {folder}: {error.strerror or error}. Nothing half-written was kept. Free some space or mend "
            "its permissions, then export again.",
        ) from error


def next_version(folder: Path, recorded: Iterable[str] = ()) -> str:
    """The number after the highest of the versions on the disk and those recorded, which may have been deleted.

    The caller holds the dataset.
    """
    taken = [*_list_numbered(folder), *(version for version in recorded if _VERSION.fullmatch(version))]
    return f"v{max((_number_of(version) for version in taken), default=0) + 1:03d}"


def hash_files(folder: Path, skip: Collection[str] = ()) -> dict[str, dict[str, Any]]:
    """SHA-256 and size in bytes of every file in a folder and below but `skip`, by its name relative to the folder."""
    files = {}
    named = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for name, path in sorted(named.items()):
        if name not in skip:
            with open(path, "rb") as file:
                sha = hashlib.file_digest(file, "sha256").hexdigest()
            files[name] = {"sha256": sha, "bytes": path.stat().st_size}
    return files


def hash_listing(files: dict[str, dict[str, Any]]) -> str:
    """One hash for many files: over the lines that `sha256sum` writes of them, in order of their names."""
    lines = "".join(f"{files[name]['sha256']}  {name}\n" for name in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file and force it to the disk; it must not exist."""
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def seal(partial: Path, final: Path) -> None:
    """Make the files read-only and the folder visible under its name; raises BadInput when the name is taken."""
    for path in partial.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
        else:
            _sync_folder(path)
    _sync_folder(partial)
    if os.path.lexists(final):
        raise BadInput(f"{final} is there already and is not changed. Move it away, then export again.")
    partial.rename(final)
    _sync_folder(final.parent)


def _describe_version(home: Home, name: str, version: str) -> DatasetVersion:
    path = home.datasets / name / version
    try:
        manifest = read_manifest(home, name, version)
        return DatasetVersion(
            name, version, path, manifest["items"], manifest["hash"], manifest["created"], manifest["simulated"]
        )
    except (BadInput, KeyError) as error:
        return DatasetVersion(name, version, path, 0, "", "", False, problem=f"the manifest cannot be used: {error}")


def _list_numbered(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if _VERSION.fullmatch(path.name) and path.is_dir()]


def _number_of(version: str) -> int:
    return int(version[1:])


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
