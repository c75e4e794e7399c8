"""A backup: one compressed archive of a home's journals, datasets, recipes and settings, made while runs write.

Journals only grow, so a copy that ends at a complete line is the journal as it was at that moment. The index is left
out: it is built again from the journals.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from autodata import __version__
from autodata.errors import BadInput, StopRequested
from autodata.home import Home
from autodata.journals.files import SUFFIX, find_file, name_journal
from autodata.operations.contents import is_journal, list_kept

FORMAT = "autodata-backup/1"
MANIFEST = "backup.json"
"""Last member of the archive: an archive without it was cut off."""

_CHUNK = 1 << 20

Progress = Callable[[int, int], None]
"""Called with bytes read so far and bytes to read."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A finished backup. `bytes` is what its files hold, `size` that of the archive, both in bytes."""

    path: Path
    files: int
    journals: int
    bytes: int
    size: int


def write_backup(home: Home, target: Path, progress: Progress | None = None) -> BackupReport:
    """Write the archive and force it to the disk; it appears under its name only when it is whole.

    Raises BadInput for an empty home, a target that exists or lies inside the home, StopRequested("disk") when the
    disk refuses.
    """
    target = target.expanduser().absolute()
    if not home.root.is_dir() or not (paths := list(list_kept(home))):
        raise BadInput(f"home {home.root} holds nothing to back up; give another with --home")
    if target.exists():
        raise BadInput(f"{target} exists already; give another name, a backup replaces nothing")
    if home.root.resolve() in target.resolve().parents:
        raise BadInput(f"{target} lies in the home itself and would be lost with it; give a place elsewhere")
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{target.parent} cannot be a folder: {error.strerror}; give another place") from error
    try:
        with open(partial, "xb") as file:
            entries = _write_members(home, paths, file, progress)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, target)  # fails where another process was faster, which a rename would not
        partial.unlink()
    except FileExistsError:
        raise BadInput(
            f"{partial.name} or {target.name} exists in {target.parent}: another backup is being written or was "
            "interrupted; delete it, or give another name"
        ) from None
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StopRequested(
            "disk", f"cannot write {target}: {error.strerror or error}. Nothing half-written was kept; try elsewhere."
        ) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    journals = sum(is_journal(name) for name in entries)
    total = sum(entry["bytes"] for entry in entries.values())
    return BackupReport(target, len(entries), journals, total, target.stat().st_size)


def _write_members(
    home: Home, paths: list[Path], file: IO[bytes], progress: Progress | None
) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    total, done = sum(path.stat().st_size for path in paths if path.exists()), 0
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
        for path in paths:
            try:
                path, entry = _add_path(archive, home, path)
            except FileNotFoundError:
                continue  # taken away since it was listed, e.g. by a finished export
            entries[path.relative_to(home.root).as_posix()] = entry
            done += entry["bytes"]
            if progress:
                progress(min(done, total), total)
        created = time.time()
        manifest = {"format": FORMAT, "software": __version__, "created": created, "files": entries}
        content = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mtime = len(content), int(created)
        archive.addfile(info, io.BytesIO(content))
    return entries


def _add_path(archive: tarfile.TarFile, home: Home, path: Path) -> tuple[Path, dict[str, Any]]:
    """Copy a file; a journal that was compressed, or unpacked, since it was listed is copied as it lies now."""
    name = path.relative_to(home.root).as_posix()
    try:
        return path, _add_file(archive, path, name)
    except FileNotFoundError:
        now = find_file(name_journal(path))
        if not is_journal(name) or now == path:
            raise
        return now, _add_file(archive, now, now.relative_to(home.root).as_posix())


def _add_file(archive: tarfile.TarFile, path: Path, name: str) -> dict[str, Any]:
    """Copy the file as it is now; a journal up to its last complete line."""
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        grows = is_journal(name) and not name.endswith(SUFFIX)
        size = _find_complete(file, status.st_size) if grows else status.st_size
        file.seek(0)
        reader = _HashingReader(file, size)
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, int(status.st_mtime), status.st_mode & 0o777
        archive.addfile(info, reader)
    return {"bytes": size, "sha256": reader.digest.hexdigest()}


def _find_complete(file: IO[bytes], size: int) -> int:
    """Bytes up to the end of the last complete line."""
    end = size
    while end > 0:
        start = max(0, end - _CHUNK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


class _HashingReader:
    """The first `size` bytes of a file, hashed as they are read."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size
        self.digest = hashlib.sha256()

    def read(self, count: int = -1) -> bytes:
        data = self._file.read(self._left if count < 0 else min(count, self._left))
        self._left -= len(data)
        self.digest.update(data)
        return data
