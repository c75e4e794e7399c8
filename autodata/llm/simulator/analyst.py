"""The simulated analyst: counts what went wrong in the text it is given and says so in two sentences."""

from __future__ import annotations

from collections import Counter

import orjson

_OUTCOMES = {
    "too easy": ("too_easy", "too easy"),
    "failed on strong": ("failed_on_strong", "failed on strong", "narrow_gap", "narrow gap", "saturated", "inverted"),
    "failed quality": ("failed_quality", "failed quality", "leaks_answer", "recall"),
}
_ADVICE = {
    "too easy": "Ask for a decision in which two considerations of the document pull in opposite directions.",
    "failed on strong": "Drop criteria that need knowledge beyond the document, and name what the question is about.",
    "failed quality": "Keep the finding out of the context, and phrase every negative criterion as one concrete error.",
}


def analyse_failures(text: str) -> str:
    """JSON with an `analysis` sentence, the `patterns` found with their counts, and `suggestions`."""
    folded = text.lower()
    counts = Counter({name: sum(folded.count(word) for word in words) for name, words in _OUTCOMES.items()})
    patterns = [{"pattern": name, "count": count} for name, count in counts.most_common() if count]
    if not patterns:
        analysis = "The material shows no failed rounds."
    else:
        leading = patterns[0]
        analysis = f"Most failures were {leading['pattern']} ({leading['count']} mentions)."
    suggestions = [_ADVICE[str(entry["pattern"])] for entry in patterns] or ["Keep the instructions as they are."]
    return orjson.dumps({"analysis": analysis, "patterns": patterns, "suggestions": suggestions}).decode()
