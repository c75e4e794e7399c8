"""Where a new line goes in instructions."""

from __future__ import annotations

import re


def insert_line(text: str, section: str, line: str) -> str:
    """`line` at the end of the list below `The {section}`; a paragraph before the reply's form where there is none."""
    heading = re.search(rf"^The {section}\n(?:[-* ].*\n)+", text, re.MULTILINE) if section else None
    if heading:
        return f"{text[: heading.end()]}{line}\n{text[heading.end() :]}"
    place = re.search(r"^(?:Text inside \[\[|Reply with )", text, re.MULTILINE)
    at = place.start() if place else len(text)
    return f"{text[:at]}{line}\n\n{text[at:]}"
