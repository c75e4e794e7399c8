"""What the auditor makes of a text: its sentences, and which of them speak to the reader instead of stating things."""

from __future__ import annotations

import re

from autodata.llm.simulator.obedience import Orders, read_orders
from autodata.llm.simulator.text import split_sentences

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_READ_MAX = 400
"""Sentences of a text that are looked at one by one; the rest is taken as it is."""


def is_order(sentence: str) -> bool:
    """Whether a sentence tells its reader how to answer."""
    return read_orders(sentence) != Orders()


def drop_comments(text: str) -> str:
    """The text as a page would show it, without comments."""
    return _COMMENT.sub(" ", text)


def drop_orders(text: str) -> str:
    """The text without comments and without the sentences that tell its reader how to answer."""
    visible = drop_comments(text)
    for sentence in split_sentences(visible)[:_READ_MAX]:
        if is_order(sentence):
            visible = visible.replace(sentence, "")
    return visible.strip()
