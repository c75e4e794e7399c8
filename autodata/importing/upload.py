"""Foreign files that arrive through the browser, kept together: a run.db needs its log beside it."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from autodata.errors import BadInput
from autodata.home import Home

SUFFIXES = ("db", "db-wal", "db-shm", "json", "jsonl")
"""Endings that a browser offers; what the files are is told from what stands in them."""


def save_uploads(home: Home, files: Sequence[tuple[str, bytes]]) -> Path:
    """Write uploaded files (name, content) into a folder of their own and return what to import: the run.db or the
    single file among them, else the folder.

    The same files are kept once. Raises BadInput when there is none, two have one name, or the disk refuses.
    """
    named = [(_make_safe(name), data) for name, data in files]
    if not named:
        raise BadInput("no file was uploaded")
    if len({name for name, _ in named}) < len(named):
        raise BadInput("two of the uploaded files have the same name; rename one")
    digest = hashlib.sha256()
    for name, data in sorted(named):
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    folder = home.uploads / f"import-{digest.hexdigest()[:20]}"
    if not folder.is_dir():
        _write_folder(home, folder, named)
    return _choose(folder, [name for name, _ in named])


def _write_folder(home: Home, folder: Path, named: Sequence[tuple[str, bytes]]) -> None:
    """All files or none: they are written aside and moved into place."""
    aside: Path | None = None
    try:
        home.uploads.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".import-", dir=home.uploads))
        for name, data in named:
            (aside / name).write_bytes(data)
        try:
            aside.rename(folder)
        except OSError:
            if not folder.is_dir():  # another session was faster with the same files
                raise
    except OSError as error:
        raise BadInput(f"the upload could not be saved in {home.uploads} ({error.strerror})") from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)


def _choose(folder: Path, names: Sequence[str]) -> Path:
    databases = [name for name in names if name.endswith(".db")]
    if len(databases) == 1:
        return folder / databases[0]
    return folder / names[0] if len(names) == 1 else folder


def _make_safe(name: str) -> str:
    """The last part of a name with nothing in it but letters, digits, '.', '_' and '-'."""
    last = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name
    return re.sub(r"[^A-Za-z0-9._-]+", "_", last).lstrip(".")[-120:] or "file"
