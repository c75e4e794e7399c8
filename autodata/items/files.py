"""Where the rows are: one file, or a folder such as a data set saved or downloaded leaves, by split."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import orjson

from autodata.errors import BadInput
from autodata.items.columnar import read_arrow, read_parquet
from autodata.items.lines import read_json, read_json_lines, read_table
from autodata.items.row import BadRow, Row
from autodata.sources.document import Unreadable

_READERS: dict[str, Callable[[Path, Sequence[str] | None], Iterator[Row | BadRow]]] = {
    ".jsonl": lambda path, columns: read_json_lines(path),
    ".ndjson": lambda path, columns: read_json_lines(path),
    ".json": lambda path, columns: read_json(path),
    ".csv": lambda path, columns: read_table(path),
    ".tsv": lambda path, columns: read_table(path),
    ".parquet": read_parquet,
    ".arrow": read_arrow,
    ".feather": read_arrow,
}
DATA_SUFFIXES = tuple(_READERS)
"""The file name endings that hold rows, lower case."""

ALL_SPLITS = "all"
_ABOUT = {"dataset_dict.json", "dataset_info.json", "dataset_infos.json", "state.json"}
_SPLIT = re.compile(r"(?:^|[^a-z])(train|test|validation|valid|val|dev|eval)(?:$|[^a-z])", re.IGNORECASE)
_MAX_FILES = 10_000


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of rows; `name` is how it is shown: its path below what was pointed at."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """The files of what was pointed at, or of one split of it; `split` is "" where there is but one."""

    path: Path
    files: tuple[DataFile, ...]
    split: str = ""


def open_data(path: Path, split: str = "") -> DataSet:
    """The files to read; nothing is read yet.

    Raises BadInput when there is nothing to read, or several splits and none chosen.
    """
    splits = list_splits(path)
    if split == ALL_SPLITS:
        return DataSet(path, tuple(file for files in splits.values() for file in files), split)
    if split:
        if split not in splits:
            raise BadInput(f"{path} has no split {split!r}; there is {_join(splits)}")
        return DataSet(path, splits[split], split)
    if len(splits) > 1:
        raise BadInput(f"{path} has several splits: {_join(splits)}. Choose one, or {ALL_SPLITS!r}")
    (label, files), *_ = splits.items()
    return DataSet(path, files, label)


def list_splits(path: Path) -> dict[str, tuple[DataFile, ...]]:
    """Files by split, in name order; one file is a split without a name. Raises BadInput when there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be opened ({getattr(error, 'strerror', None) or error}); check it") from error
    if path.is_dir():
        found = _find_in_folder(path)
        if not found:
            raise BadInput(f"{path} holds no data file; readable are {', '.join(DATA_SUFFIXES)}")
        return found
    if path.suffix.lower() not in _READERS:
        raise BadInput(f"{path.name} cannot be read; readable are {', '.join(DATA_SUFFIXES)} and folders of them")
    if not path.is_file() or not status.st_size:
        raise BadInput(f"{path.name} is {'empty (0 bytes)' if path.is_file() else 'not a regular file'}; check it")
    return {"": (DataFile(path, _show(path.name)),)}


def read_rows(file: DataFile, columns: Sequence[str] | None = None) -> Iterator[Row | BadRow]:
    """Rows of a file in order; `columns` are the top-level ones that are wanted, where a format can leave out others.

    Raises Unreadable when the file, or what is left of it, cannot be read.
    """
    try:
        yield from _READERS[file.path.suffix.lower()](file.path, columns)
    except (Unreadable, GeneratorExit):
        raise
    except OSError as error:
        raise Unreadable(f"it cannot be read ({error.strerror or str(error)[:200]})") from error
    except Exception as error:
        # The boundary to foreign parsers: a hostile file raises anything.
        raise Unreadable(
            f"it is damaged or not what its name says ({type(error).__name__}: {str(error)[:200]})"
        ) from error


def _find_in_folder(folder: Path) -> dict[str, tuple[DataFile, ...]]:
    found: dict[str, list[DataFile]] = {}
    count = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if not _holds_rows(path):
                continue
            count += 1
            if count > _MAX_FILES:
                raise BadInput(f"{folder} holds more than {_MAX_FILES:,} data files; point at one of its folders")
            shown = path.relative_to(folder).as_posix()
            found.setdefault(_name_split(PurePosixPath(shown)), []).append(DataFile(path, _show(shown)))
        if "state.json" in names:
            _check_order(Path(root, "state.json"))
    return {label: tuple(files) for label, files in sorted(found.items())}


def _holds_rows(path: Path) -> bool:
    """Not the notes beside the data, nor what the `datasets` library keeps of earlier work in the same folder."""
    name = path.name
    if name.startswith((".", "cache-", "indices-", "tmp")) and path.suffix == ".arrow":
        return False
    return path.suffix.lower() in _READERS and name not in _ABOUT and not name.startswith(".") and path.is_file()


def _name_split(shown: PurePosixPath) -> str:
    """`data/train-00000-of-00002.parquet` is of train, as `train/data-….arrow`; `main/test.jsonl` is of main/test."""
    parts = [part for part in shown.parent.parts if part != "data"]
    stem = re.split(r"-\d{5}-of-\d{5}", shown.stem)[0]
    if match := _SPLIT.search(stem):
        split = match[1].lower()
        if split not in parts:
            parts.append(split)
    return "/".join(parts)


def _check_order(state: Path) -> None:
    """Older versions of `datasets` kept which rows count, and in what order, in a file of its own."""
    try:
        values = orjson.loads(state.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return
    if isinstance(values, dict) and values.get("_indices_data_files"):
        raise BadInput(
            f"{state.parent} was saved with a selection of its rows beside it, which is not applied here. "
            "Call flatten_indices() and save it again."
        )


def _join(splits: dict[str, tuple[DataFile, ...]]) -> str:
    return ", ".join(f"{label or 'files beside them'} ({len(files)})" for label, files in splits.items())


def _show(name: str) -> str:
    """A file name as text that can be stored: bytes that are not UTF-8 become replacement characters."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
