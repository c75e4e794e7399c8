"""What a page shows, as text."""

from __future__ import annotations

import orjson
from streamlit.testing.v1 import AppTest

from autodata.ui.tree import collect_text


def read_text(at: AppTest) -> str:
    """Text of every piece on the page, in order."""
    trees = [orjson.loads(element.proto.json).get("tree", "") for element in at.get("bidi_component")]
    return "\n".join(collect_text(tree) for tree in trees)
