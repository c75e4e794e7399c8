"""From files to sources: find, read, normalise, split into passages, drop what is there twice."""

from autodata.sources.document import MAX_FILE_BYTES, SUFFIXES, Document, Skipped
from autodata.sources.load import Duplicate, LoadCap, Loaded, load_sources
from autodata.sources.passages import count_words, split_passages
from autodata.sources.upload import save_upload

__all__ = [
    "MAX_FILE_BYTES",
    "SUFFIXES",
    "Document",
    "Duplicate",
    "LoadCap",
    "Loaded",
    "Skipped",
    "count_words",
    "load_sources",
    "save_upload",
    "split_passages",
]
