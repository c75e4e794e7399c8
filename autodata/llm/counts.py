"""Does a server's token count fit what it was sent? Some cut a prompt to their window, or ignore a limit, silently."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from autodata.model import Usage

MARGIN = 0.8
"""Share of the estimate below which a count is reported. A tokenizer does not join words across blanks, so a text has
at least as many tokens as words (English: about 1.3 times as many). The margin is for the rare ones that join some."""

TOKENS_PER_DENSE_CHARACTER = 0.25
"""Least tokens per character of scripts without blanks (Chinese, Japanese, Thai); the densest need about 0.5."""

MIN_WORDS = 200
"""Texts with fewer words are not checked: a window is never that small."""

LIMIT_SLACK = 1.25
"""How many times the token limit an answer may have before the limit counts as ignored; some count thoughts apart."""

_LETTER = re.compile(r"\w")
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")
_BLANKS = (" ", "\n", "\t")


def estimate_least_tokens(text: str) -> int:
    """The fewest tokens `text` can reasonably have: a bound, not an estimate of how many it has.

    Its words, plus a quarter of its characters where a script has no blanks, times MARGIN. Runs of blanks and of
    punctuation count nothing, as a tokenizer may join them.
    """
    dense = 0 if text.isascii() else len(_DENSE.findall(text))
    spaced = _DENSE.sub(" ", text) if dense else text
    # Word by word: one pattern for words that hold a letter takes quadratic time where none does.
    words = sum(map(bool, map(_LETTER.search, spaced.split())))
    return int(MARGIN * (words + TOKENS_PER_DENSE_CHARACTER * dense))


def find_count_warnings(body: dict[str, Any], usage: Usage) -> tuple[str, ...]:
    """Sentences about counts that cannot be right; none where the server gave no count."""
    found = (_check_prompt(body, usage.prompt_tokens), _check_limit(body, usage.completion_tokens))
    return tuple(warning for warning in found if warning)


def _check_prompt(body: dict[str, Any], counted: int | None) -> str:
    if counted is None:
        return ""
    texts = list(_list_texts(body.get("messages")))
    # Blanks are counted many times faster than words and are never fewer than the words between them.
    most = sum(sum(map(text.count, _BLANKS)) + 1 for text in texts)
    if counted >= MARGIN * most and all(text.isascii() for text in texts):
        return ""
    least = sum(map(estimate_least_tokens, texts))
    if counted >= least or least < MARGIN * MIN_WORDS:
        return ""
    return (
        f"The server counted {counted:,} prompt tokens for a text of at least {least:,}: it probably cut the prompt to "
        f"its window without saying so. Raise the server's context length, or send less."
    )


def _check_limit(body: dict[str, Any], counted: int | None) -> str:
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    if counted is None or not isinstance(limit, int) or counted <= LIMIT_SLACK * limit:
        return ""
    return f"The answer has {counted:,} tokens although the request allowed {limit:,}: the server ignores the limit."


def _list_texts(messages: Any) -> Iterator[str]:
    for message in messages if isinstance(messages, list) else []:
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, str):
            yield content
        elif isinstance(content, list):
            parts = (part.get("text") for part in content if isinstance(part, dict))
            yield from (text for text in parts if isinstance(text, str))
