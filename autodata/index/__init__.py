"""The index: a view of the journals in one DuckDB file, owned by the app. All SQL of the product lives here."""

from autodata.index.database import Index, open_index

__all__ = ["Index", "open_index"]
