"""Somebody's own data as tasks: read rows of many formats, find prompt, answer and rubric in them, report the rest."""

from autodata.items.columns import FIELDS, ColumnMap
from autodata.items.files import ALL_SPLITS, DATA_SUFFIXES, DataSet, list_splits, open_data
from autodata.items.item import RECIPES, Grading, Item, read_item
from autodata.items.load import LoadedItems, Preview, choose_columns, load_items, preview_data
from autodata.items.upload import save_data_upload

__all__ = [
    "ALL_SPLITS",
    "DATA_SUFFIXES",
    "FIELDS",
    "RECIPES",
    "ColumnMap",
    "DataSet",
    "Grading",
    "Item",
    "LoadedItems",
    "Preview",
    "choose_columns",
    "list_splits",
    "load_items",
    "open_data",
    "preview_data",
    "read_item",
    "save_data_upload",
]
