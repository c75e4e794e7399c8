"""Files that arrive through the browser, kept under the home so that a run can be resumed from them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path, PurePosixPath

from autodata.errors import BadInput
from autodata.home import Home
from autodata.sources.document import MAX_FILE_BYTES, SUFFIXES


def save_upload(home: Home, name: str, data: bytes) -> Path:
    """Write an uploaded file below `home.uploads` under a safe form of its name and return its path.

    The same bytes under the same name are kept once; other bytes under that name get a name of their own. Raises
    BadInput when the file is empty, too large, of an unsupported kind, or cannot be written.
    """
    stem, suffix = _make_safe(name)
    if suffix not in SUFFIXES:
        raise BadInput(f"{name!r} cannot be read; supported are {', '.join(SUFFIXES)}")
    if not data:
        raise BadInput(f"{name!r} is empty (0 bytes); save it again and upload it")
    if len(data) > MAX_FILE_BYTES:
        raise BadInput(f"{name!r} is larger than {MAX_FILE_BYTES // 2**20} MB; split it into smaller files")
    digest = hashlib.sha256(data).hexdigest()
    try:
        home.uploads.mkdir(parents=True, exist_ok=True)
        for candidate in (f"{stem}{suffix}", f"{stem}-{digest[:12]}{suffix}", f"{digest}{suffix}"):
            path = home.uploads / candidate
            if _write_new(path, data):
                return path
    except OSError as error:
        raise BadInput(f"{name!r} could not be saved in {home.uploads} ({error.strerror})") from error
    raise BadInput(f"{name!r} could not be saved: {home.uploads} holds other files under its name; rename it")


def _make_safe(name: str) -> tuple[str, str]:
    """Stem and lower-case suffix without folders, leading dots or anything but letters, digits, '.', '_' and '-'."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/").replace("\0", "")).name
    stem, dot, ending = last.rpartition(".")
    safe = re.sub(r"[^\w.-]+", "_", stem if dot else last).strip("._-")
    while len(safe.encode("utf-8", "replace")) > 120:
        safe = safe[:-1]
    return safe or "document", f".{ending.lower()}" if dot else ""


def _write_new(path: Path, data: bytes) -> bool:
    """True when `path` now holds exactly `data`; False when it holds something else, which is left alone."""
    try:
        file = path.open("xb")
    except FileExistsError:
        return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data
    try:
        with file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)  # a full disk must not leave half a document that loads
        raise
    return True
