"""A finding in a few words."""

from __future__ import annotations


def name_finding(detector: str, sentence: str, limit: int = 46) -> str:
    """A finding in a few words, for a chip or a reason: its first clause, or what it comes to."""
    if detector == "S1":
        side = next((word for word in ("weak", "strong") if f"the {word} request" in sentence.casefold()), "")
        return f"{side.capitalize()} request differs" if side else "Requests differ"
    text = " ".join(sentence.split()).rstrip(".")
    for mark in (": ", " (", "; ", " “"):
        head, found, _ = text.partition(mark)
        if found and len(head) >= 12:
            text = head
    head, space, _ = text[: limit + 1].rpartition(" ")
    if len(text) > limit:
        text = f"{head if space else text[:limit]}…"
    return text[:1].upper() + text[1:]
