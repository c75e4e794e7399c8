"""Which format a path is in, by what stands in it, never by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.importing import autosynth, checkpoint, generic, jae_hun_cho, open_auto_data
from autodata.importing.fields import read_bytes
from autodata.importing.values import ParsedFile

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Format:
    """A format with its title and its parser."""

    name: str
    title: str
    parse: Callable[[Path], ParsedFile]


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format(autosynth.NAME, "autosynth run.db", autosynth.parse),
        Format(jae_hun_cho.NAME, "JAE-HUN-CHO trajectories", jae_hun_cho.parse),
        Format(open_auto_data.NAME, "Open-AutoData records", open_auto_data.parse),
        Format(checkpoint.NAME, "YalmanchiliTejas checkpoint", checkpoint.parse),
        Format(generic.NAME, "autodata-trajectory/1 lines, or tasks.jsonl of a dataset", generic.parse),
    )
}


def choose_format(path: Path, name: str = AUTO) -> Format:
    """The format named, or the one the path is in. Raises BadInput naming what there is."""
    if not path.exists():
        raise BadInput(f"{path} does not exist; give a file or the folder of a run")
    if not path.is_dir() and not path.is_file():
        raise BadInput(f"{path} is a pipe, a socket or a device; give a file or the folder of a run")
    if name != AUTO:
        if name not in FORMATS:
            raise BadInput(f"format {name!r} is unknown; choose one of {AUTO}, {', '.join(FORMATS)}")
        return FORMATS[name]
    found = _recognise(path)
    if found is None:
        known = "; ".join(f"{entry.name}: {entry.title}" for entry in FORMATS.values())
        raise BadInput(f"{path} is in no format that can be imported. Known are {known}. Name one with --format")
    return FORMATS[found]


def hash_input(path: Path, entry: Format) -> tuple[str, int]:
    """SHA-256 that names the content, and its size in bytes. The same content under another name is the same."""
    if entry.name == autosynth.NAME:
        file = autosynth.find_database(path)
        return autosynth.hash_file(path), file.stat().st_size
    files = _list_files(path, entry)
    hashes = {file.name: hashlib.sha256(read_bytes(file)).hexdigest() for file in files}
    size = sum(file.stat().st_size for file in files)
    if len(files) == 1:
        return next(iter(hashes.values())), size
    return hash_value(hashes), size


def _list_files(path: Path, entry: Format) -> list[Path]:
    if entry.name == jae_hun_cho.NAME:
        files = jae_hun_cho.list_files(path)
    else:
        files = [open_auto_data.find_file(path) if entry.name == open_auto_data.NAME else path]
    if not files or not all(file.is_file() for file in files):
        raise BadInput(f"{path} holds no file of {entry.title}; give the file itself")
    return files


def _recognise(path: Path) -> str | None:
    if autosynth.recognises(path):
        return autosynth.NAME
    if path.is_dir():
        if open_auto_data.find_file(path).is_file():
            return open_auto_data.NAME
        files = jae_hun_cho.list_files(path)
        return jae_hun_cho.NAME if any(jae_hun_cho.recognises(_load(file)) for file in files) else None
    raw = read_bytes(path)
    value = _parse(raw)
    for name, recognises in _BY_VALUE.items():
        if recognises(value):
            return name
    lines = (line for line in raw.splitlines() if line.strip())
    return generic.NAME if any(generic.recognises(_parse(line)) for line in lines) else None


_BY_VALUE: dict[str, Callable[[Any], bool]] = {
    jae_hun_cho.NAME: jae_hun_cho.recognises,
    open_auto_data.NAME: open_auto_data.recognises,
    checkpoint.NAME: checkpoint.recognises,
    generic.NAME: generic.recognises,
}


def _load(file: Path) -> Any:
    return _parse(read_bytes(file))


def _parse(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
