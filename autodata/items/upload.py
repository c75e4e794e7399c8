"""Data files that arrive through the browser, kept under the home under their own name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path, PurePosixPath

from autodata.errors import BadInput
from autodata.home import Home
from autodata.items.files import DATA_SUFFIXES


def save_data_upload(home: Home, name: str, data: bytes) -> Path:
    """Write an uploaded data file and return its path; the same bytes under the same name are kept once.

    Its folder is named by its bytes, so that files of one name do not meet. Raises BadInput when it is empty, of a kind
    that cannot be read, or cannot be written.
    """
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/").replace("\0", "")).name
    stem, suffix = PurePosixPath(last).stem, PurePosixPath(last).suffix.lower()
    if suffix not in DATA_SUFFIXES:
        raise BadInput(f"{last!r} cannot be read; readable are {', '.join(DATA_SUFFIXES)}")
    if not data:
        raise BadInput(f"{last!r} is empty (0 bytes); save it again and upload it")
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", stem).strip("._-")[:100] or "data"
    folder = home.uploads / hashlib.sha256(data).hexdigest()[:16]
    path = folder / f"{safe}{suffix}"
    if path.is_file() and path.stat().st_size == len(data):
        return path
    draft = folder / f"{safe}{suffix}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise BadInput(f"{last!r} could not be saved in {home.uploads} ({error.strerror})") from error
    return path
