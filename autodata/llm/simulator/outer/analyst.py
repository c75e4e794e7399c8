"""The simulated analyst of recipes: finds what the instructions lack that explains most of the failures it reads."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from autodata.canon import derive_seed
from autodata.llm.simulator.craft import read_craft
from autodata.llm.simulator.outer.material import WRITER_FILE, Shown, read_files, read_shown, write_json
from autodata.llm.simulator.outer.remedies import NO_LACK, PLAINER, REMEDIES, Remedy

_CITED = 3
_QUOTE = 160
_TRIED_FACTOR = 0.4
"""What a change that is listed as one that did not help counts for, each time."""


def analyse_recipe(sections: Mapping[str, str], server_seed: int, seed: int) -> str:
    """The analyst's JSON reply. Raises ValueError for a request that cannot be read."""
    files, shown = read_files(sections), read_shown(sections)
    if not shown:
        raise ValueError("no trajectories were given")
    rng = Random(derive_seed(server_seed, "recipe analysis", seed))
    craft = read_craft(files.get(WRITER_FILE, ""))
    lacking = [remedy for remedy in REMEDIES if remedy.is_lacking(craft)]
    if not lacking:
        return _write_reply(NO_LACK, PLAINER, shown[:1], ())
    weights = [_weigh(remedy, shown, sections.get("history", "")) for remedy in lacking]
    chosen = rng.choices(lacking, weights)[0]
    telling = [own for own in shown if _count(chosen, own)] or shown
    return _write_reply(chosen.cause, chosen.cue, telling[:_CITED], chosen.symptoms)


def _weigh(remedy: Remedy, shown: list[Shown], history: str) -> float:
    """How much of the trajectories speaks for a remedy, less for one that was tried in vain."""
    in_vain = sum(remedy.cue in line and "helped" not in line for line in history.splitlines())
    return (0.2 + sum(_count(remedy, own) for own in shown)) * _TRIED_FACTOR**in_vain


def _count(remedy: Remedy, own: Shown) -> int:
    folded = own.text.casefold()
    return sum(folded.count(word) for word in remedy.symptoms)


def _write_reply(cause: str, cue: str, cited: list[Shown], symptoms: tuple[str, ...]) -> str:
    citations = [{"trajectory": own.id, "quote": _quote(own, symptoms), "shows": cause} for own in cited]
    return write_json({"root_cause": cause, "citations": citations, "suggestion": cue, "file": WRITER_FILE})


def _quote(own: Shown, symptoms: tuple[str, ...]) -> str:
    """The line that speaks for the cause, word for word; the first line where none does."""
    lines = [line for line in own.text.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line.casefold() for word in symptoms)]
    return (telling or lines or [""])[0][:_QUOTE].strip()
