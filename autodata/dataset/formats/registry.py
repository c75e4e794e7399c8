"""The formats there are, by name, and how a writer of one is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autodata.dataset.formats.chat import DpoWriter, SftWriter
from autodata.dataset.formats.grpo import GrpoWriter
from autodata.dataset.formats.hub import HubWriter
from autodata.dataset.formats.lines import CsvWriter, JsonLinesWriter
from autodata.dataset.formats.options import FormatOptions
from autodata.dataset.formats.parquet import ParquetWriter
from autodata.dataset.formats.raw import RawWriter
from autodata.dataset.formats.writer import ItemWriter
from autodata.errors import BadInput
from autodata.index.database import Index


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `files`: where it lies in a version's folder, as a pattern; `title` and `use` are for people.

    `answers`: it reads what weak and strong wrote out of an entry's row, which is not loaded otherwise.
    """

    name: str
    title: str
    files: str
    use: str
    open: Callable[[Path, FormatOptions, Index], ItemWriter]
    answers: bool = False


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format(
            "jsonl", "JSON Lines", "tasks.jsonl", "one task a line, for programs", lambda f, o, i: JsonLinesWriter(f)
        ),
        Format("parquet", "Parquet", "tasks.parquet", "one typed table", lambda f, o, i: ParquetWriter(f)),
        Format("csv", "CSV", "tasks.csv", "a table for people, safe in a spreadsheet", lambda f, o, i: CsvWriter(f)),
        Format("sft", "SFT chat", "sft/*.jsonl", "conversations to imitate", lambda f, o, i: SftWriter(f, o), True),
        Format(
            "grpo",
            "GRPO",
            "grpo/*.jsonl",
            "prompts with rubric and reference, and reward.py",
            lambda f, o, i: GrpoWriter(f, i),
        ),
        Format(
            "dpo", "DPO pairs", "dpo/*.jsonl", "strong answer chosen, weak rejected", lambda f, o, i: DpoWriter(f), True
        ),
        Format(
            "hf",
            "Hugging Face",
            "hf/data/*.parquet",
            "a folder for datasets.load_dataset",
            lambda f, o, i: HubWriter(f, o.shard_bytes),
        ),
        Format("raw", "Raw", "raw.jsonl", "all rounds, rollouts, votes and findings", lambda f, o, i: RawWriter(f, i)),
    )
}
"""In the order in which they are shown and written."""


def check_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats once each, in the order of FORMATS; raises BadInput listing what there is."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        given = f"format {unknown[0]!r} is unknown" if unknown else "no format was given"
        raise BadInput(f"{given}; choose from {', '.join(FORMATS)}")
    return tuple(name for name in FORMATS if name in formats)


def open_writer(name: str, folder: Path, options: FormatOptions, index: Index) -> ItemWriter:
    """A writer of format `name` into a version's folder. `index` is asked for what an entry does not hold.

    Raises BadInput for an unknown name and FileExistsError when one of its files is there.
    """
    (checked,) = check_formats([name])
    return FORMATS[checked].open(folder, options, index)
