"""Opening, finding and measuring journals, plain or compressed. The plain file counts wherever it exists: it appears
and disappears whole, so there is no moment at which a reader finds a part of a journal.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from autodata.errors import JournalDamaged, StopRequested
from autodata.journals.seekable import NotSeekable, measure_plain, open_frames, write_frames
from autodata.locks import take_lock

SUFFIX = ".zst"
"""Added to the name of a journal's plain file."""

_NAMES = ("journal.jsonl", "journal.jsonl" + SUFFIX)

_UNREADABLE = b"\0\n"
"""What a compressed file that was cut off reads as: one line that is no record."""

_WAIT_S = 600.0
"""How long a writer waits for another one that unpacks the same journal."""


@dataclass(frozen=True, slots=True)
class JournalState:
    """The file that holds a journal now. `size` counts plain bytes, `stored` those on the disk."""

    file: Path
    size: int
    stored: int
    inode: int
    mtime_ns: int


def open_journal(path: Path) -> IO[bytes]:
    """The plain bytes of a journal, for reading. Raises OSError as opening a file does."""
    while True:
        file = find_file(path)
        try:
            opened = open(file, "rb")  # noqa: SIM115 - handed to the caller
        except FileNotFoundError:
            if find_file(path) == file:
                raise
            continue  # compressed or unpacked between the two steps
        if file.suffix != SUFFIX:
            return opened
        try:
            return open_frames(opened)
        except NotSeekable:
            opened.close()
            return io.BytesIO(_UNREADABLE)


def has_journal(path: Path) -> bool:
    """Whether there is a journal of this name."""
    return path.exists() or name_packed(path).exists()


def inspect_journal(path: Path) -> JournalState:
    """Which file holds a journal, and how much. Raises FileNotFoundError where none does."""
    while True:
        file = find_file(path)
        try:
            status = file.stat()
        except FileNotFoundError:
            if find_file(path) == file:
                raise
            continue
        size = status.st_size
        if file.suffix == SUFFIX:
            size = _measure(file, status.st_ino, status.st_mtime_ns, status.st_size)
        return JournalState(file, size, status.st_size, status.st_ino, status.st_mtime_ns)


def find_file(path: Path) -> Path:
    """The file that holds a journal: the plain one where there is any. `path` may name either."""
    if path.suffix == SUFFIX or path.exists():
        return path
    packed = name_packed(path)
    return packed if packed.exists() else path


def name_packed(path: Path) -> Path:
    """The compressed file of a journal."""
    return path.with_name(path.name + SUFFIX)


def name_journal(path: Path) -> Path:
    """The journal that a file holds, compressed or not."""
    return path.with_name(path.name.removesuffix(SUFFIX))


def list_journals(folder: Path, *, deep: bool = False) -> list[Path]:
    """Journals `journal.jsonl` in the folders right below `folder`, or with `deep` in all below it, in the order of
    their paths.

    The app asks twice a second, of a thousand runs: names are looked at without making a Path of each.
    """
    if deep:
        return sorted({name_journal(path) for path in folder.rglob("journal.jsonl*") if path.name in _NAMES})
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    held = [name for name in names if any(os.path.exists(f"{folder}/{name}/{own}") for own in _NAMES)]  # noqa: PTH110
    return [folder / name / _NAMES[0] for name in held]


def open_for_writing(path: Path, wait_s: float, held: str) -> int:
    """The descriptor of a journal's plain file, locked for this process alone; made or unpacked where there is none.

    Raises HeldElsewhere(held) after `wait_s` seconds without the lock, JournalDamaged for a compressed journal that
    cannot be unpacked. Whoever has found the plain file whole calls `drop_packed`.
    """
    while True:
        try:
            fd = os.open(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            # The compressed file is there before the plain one goes, so now it is seen, or there never was one.
            if name_packed(path).exists():
                _unpack(path)
                continue
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            take_lock(fd, wait_s, held)
            if _is_at(fd, path):
                return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)  # compressed while this waited: what would be written to it would be lost


def pack_journal(path: Path) -> int:
    """Put a compressed file in the place of a journal's plain one; returns its size in bytes.

    The caller holds the journal's lock and has checked its chain. The compressed file is on the disk, and was read back
    and compared byte for byte, before the plain one goes. Raises OSError where the disk refuses, and then leaves the
    plain file as the only one.
    """
    packed = name_packed(path)
    part = packed.with_name(packed.name + ".part")
    try:
        with open(path, "rb") as plain, open(part, "wb") as target:
            status = os.fstat(plain.fileno())
            write_frames(plain, target, status.st_size)
            target.flush()
            os.fsync(target.fileno())
        _compare(path, part)
        os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
        part.rename(packed)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    path.unlink()
    sync_folder(path.parent)
    return packed.stat().st_size


def drop_packed(path: Path) -> None:
    """Forget the compressed file of a journal whose plain file is whole."""
    name_packed(path).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Force a folder's names to the disk: a renamed file is there after a power cut, too."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _unpack(path: Path) -> None:
    """Put the plain file beside the compressed one. One of several processes does, the others wait for it."""
    packed, part = name_packed(path), path.with_name(path.name + ".part")
    try:
        with open(packed, "rb") as file:
            take_lock(file.fileno(), _WAIT_S, f"{packed} is being unpacked by another process; try again")
            if path.exists() or not _is_at(file.fileno(), packed):
                return
            with open_frames(file, strict=True) as plain, open(part, "wb") as target:
                while chunk := plain.read(1 << 20):
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
                part.rename(path)  # before the lock ends with the file
        sync_folder(path.parent)
    except FileNotFoundError:
        return  # somebody else unpacked it and dropped it
    except NotSeekable as error:
        part.unlink(missing_ok=True)
        raise JournalDamaged(f"{packed} cannot be unpacked: {error}. Restore it from a backup.") from error
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StopRequested(
            "disk", f"cannot unpack {packed}: {error.strerror}. Free some space, then try again; nothing is lost."
        ) from error


def _compare(path: Path, part: Path) -> None:
    """Raise OSError unless a compressed file holds what the plain one does."""
    with open(path, "rb") as plain, open_frames(open(part, "rb"), strict=True) as packed:
        while chunk := plain.read(1 << 20):
            if packed.read(len(chunk)) != chunk:
                raise OSError(None, "what was written reads back otherwise", str(part))
        if packed.read(1):
            raise OSError(None, "what was written reads back longer", str(part))


def _is_at(fd: int, path: Path) -> bool:
    """Whether an open file is still the one of this name."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(fd)
    return (here.st_ino, here.st_dev) == (there.st_ino, there.st_dev)


@lru_cache(maxsize=16_384)
def _measure(file: Path, inode: int, mtime_ns: int, stored: int) -> int:
    """Plain bytes of a compressed file; the rest of the key tells when it has become another one."""
    try:
        with open(file, "rb") as opened:
            return measure_plain(opened)
    except NotSeekable:
        return len(_UNREADABLE)
