"""The simulated editor of recipes: writes what an analysis asks for, or, by its name, what no honest one would."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from autodata.canon import derive_seed
from autodata.llm.simulator.outer.hostile import HOSTILE
from autodata.llm.simulator.outer.inserting import insert_line
from autodata.llm.simulator.outer.material import WRITER_FILE, read_analysis, read_files, write_json
from autodata.llm.simulator.outer.remedies import REMEDIES, Remedy

EDITOR = "sim-recipe-editor"
_WHOLE_SECTION = 0.6
"""Chance that a change supplies everything that its section lacks, and not one thing alone."""
_PLAIN_WORDS = (
    ("You write one difficult question", "Write one difficult question"),
    ("You write one question", "Write one question"),
    ("from a technical document, together with a grading rubric", "from a technical document, with a grading rubric"),
    (
        "The reference answer states what the document supports.",
        "The reference answer says what the document supports.",
    ),
    ("Reply with one JSON object and nothing else:", "Reply with nothing but one JSON object:"),
    ("Write one ", "You write one "),
    ("with a grading rubric", "and a grading rubric"),
    ("says what the document", "gives what the document"),
)
"""Rewordings without effect, as editors make them when they have nothing to say."""


def edit_recipe(model: str, sections: Mapping[str, str], server_seed: int, seed: int) -> str:
    """The editor's JSON reply. Raises ValueError for a request that cannot be read."""
    files, analysis = read_files(sections), read_analysis(sections)
    rng = Random(derive_seed(server_seed, "recipe edit", model, seed))
    hostile = HOSTILE.get(model.removeprefix(f"{EDITOR}-"))
    if hostile is not None:
        return _write_reply(*hostile(files, rng))
    text = files.get(WRITER_FILE, "")
    suggestion = str(analysis.get("suggestion", ""))
    asked = next((remedy for remedy in REMEDIES if remedy.cue in suggestion), None)
    if asked is None:
        return _write_reply("Says the same in plainer words.", {WRITER_FILE: _reword(text, rng)})
    changes = [asked]
    if rng.random() < _WHOLE_SECTION:
        changes += [
            own for own in REMEDIES if own is not asked and own.section == asked.section and own.cue not in text
        ]
    for remedy in changes:
        text = apply_remedy(text, remedy, rng)
    return _write_reply(asked.cue, {WRITER_FILE: text})


def apply_remedy(text: str, remedy: Remedy, rng: Random) -> str:
    """The instructions with one of the remedy's lines in its section; unchanged where they have one of them."""
    flat = " ".join(text.split())
    if any(" ".join(line.split()) in flat for line in remedy.lines):
        return text
    return insert_line(text, remedy.section, rng.choice(remedy.lines))


def _reword(text: str, rng: Random) -> str:
    found = [(old, new) for old, new in _PLAIN_WORDS if old in text]
    if not found:
        return text.rstrip("\n") + "\n\n"
    old, new = rng.choice(found)
    return text.replace(old, new, 1)


def _write_reply(summary: str, files: Mapping[str, str]) -> str:
    return write_json({"summary": summary, "edits": [{"file": name, "text": text} for name, text in files.items()]})
