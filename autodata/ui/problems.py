"""What a validator says of a typed value, in the words of the page."""

from __future__ import annotations

import re

_PHRASES = (
    (r"^(?:seats|prices|server \S+): (?!.*is not TOML)", ""),
    (r" \(got ''\)$", ""),
    (r"Input should be greater than or equal to (\S+)", r"give \1 or more"),
    (r"Input should be greater than (\S+)", r"give more than \1"),
    (r"Input should be less than or equal to (\S+)", r"give \1 or less"),
    (r"Input should be less than (\S+)", r"give less than \1"),
    (r"Input should be a (?:valid|finite) number(?:, unable to parse string as a number)?", "give a number"),
    (r"Input should be a valid integer(?:, .*?)?(?= \(got|$)", "give a whole number"),
    (r"Input should be a valid string", "give a text in quotes"),
    (r"Input should be a valid boolean(?:, .*?)?(?= \(got|$)", "give true or false"),
    (r"Input should be a valid (?:dictionary|mapping)[^()]*?(?= \(got|$)", "give a table"),
    (r"Input should be a valid (?:list|tuple|array)", "give a list"),
    (r"Input should be ('.*?')(?= \(got|$)", r"give \1"),
    (r"String should have at least 1 character", "give a text that is not empty"),
    (r"Field required(?: \(got .*\))?", "is missing"),
    (r"Extra inputs are not permitted", "is unknown"),
)
"""Patterns of the validator's phrases, and what a person reads instead. The page's own head names what is typed."""


def spell_problem(error: Exception) -> str:
    """The sentence of an error about typed text; the value and the place stay as they are."""
    words = str(error)
    for pattern, plain in _PHRASES:
        words = re.sub(pattern, plain, words)
    return re.sub(r": (is (?:missing|unknown))", r" \1", words)
