"""Formats of a dataset version: each streams entries into files of its own. docs/formats.md shows them."""

from autodata.dataset.formats.lines import CSV_COLUMNS
from autodata.dataset.formats.options import FormatOptions
from autodata.dataset.formats.registry import FORMATS, Format, check_formats, open_writer
from autodata.dataset.formats.schema import PARQUET_SCHEMA
from autodata.dataset.formats.writer import ItemWriter

__all__ = [
    "CSV_COLUMNS",
    "FORMATS",
    "PARQUET_SCHEMA",
    "Format",
    "FormatOptions",
    "ItemWriter",
    "check_formats",
    "open_writer",
]
