"""A Hugging Face dataset folder: data/<split>-00000-of-00003.parquet. Its card is written with the version's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autodata.dataset.entry import Entry, Split
from autodata.dataset.formats.parquet import ParquetFile
from autodata.dataset.formats.writer import CountingWriter

FOLDER = "hf"


class HubWriter(CountingWriter):
    """The folder `hf/`, which `datasets.load_dataset` opens without a network.

    A shard ends at `shard_bytes` of text.
    """

    def __init__(self, folder: Path, shard_bytes: int) -> None:
        super().__init__()
        self._data = folder / FOLDER / "data"
        self._data.mkdir(parents=True)
        self._shard_bytes = shard_bytes
        self._open: dict[Split, ParquetFile] = {}
        self._paths: dict[Split, list[Path]] = {}

    def write(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            shard = self._open.get(entry.split)
            if shard is not None and shard.total >= self._shard_bytes:
                shard.close()
                shard = None
            if shard is None:
                shard = self._open[entry.split] = self._start(entry.split)
            shard.add(entry.item)
            self.written[entry.split] += 1

    def close(self) -> None:
        for shard in self._open.values():
            shard.close()
        # How many shards there are is in their names, and known only now.
        for split, paths in self._paths.items():
            for number, path in enumerate(paths):
                path.rename(self._data / f"{split}-{number:05d}-of-{len(paths):05d}.parquet")

    def _start(self, split: Split) -> ParquetFile:
        paths = self._paths.setdefault(split, [])
        paths.append(self._data / f"{split}-{len(paths):05d}.parquet.part")
        return ParquetFile(paths[-1])
