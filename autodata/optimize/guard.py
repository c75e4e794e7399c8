"""What an edit of a recipe may be. Everything else is refused, with a reason a person can read.

Within reach are the templates of those who write and prepare tasks: challenger, verifier, screener, extractor. Out of
reach, whatever the text says: the judge, the answer verifier, the loop judge and the writer of rubrics for given items
(all of them are the evaluator), the solvers (no recipe has a template for them), the policy, the data and its split. Of
recipe.toml only numbers that can be made stricter, and what the challenger is reminded of (LIMITS).

Words are judged where they are new, against a list; that is a fence and can be climbed. That a change reaches no judge,
solver, threshold or data does not depend on words. What gets over the fence is for the paired measurement, the
certified share and the person who promotes (docs/outer-loop.md).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from autodata.audit.static.characters import find_hidden_characters
from autodata.errors import BadInput
from autodata.optimize.linting import RULES, WordCode
from autodata.optimize.new_text import compare_texts, spell_out
from autodata.optimize.protections import find_lost_bans
from autodata.recipes.placeholders import PLACEHOLDER
from autodata.recipes.recipe import Recipe, make_recipe, name_templates

Code = (
    Literal[
        "unchanged",
        "path",
        "file",
        "size",
        "characters",
        "marks",
        "placeholder",
        "reply_format",
        "protection",
        "limit",
        "unreadable",
    ]
    | WordCode
)

EDITABLE_AGENTS = ("extractor", "challenger", "screener", "verifier")
"""Whose two templates an edit may rewrite."""

FILE_MAX = 12_000
"""Characters an edited file may have."""
GROWTH_MAX = 3_000
"""Characters by which one edit may lengthen a recipe."""
EXCERPT_MAX = 160

CHECKERS = ("screener", "verifier")
SHRINK_MAX = 0.1
"""Share of its characters by which one edit may shorten what a checker is told: a check that says less checks less."""

LIMITS: Mapping[str, Literal["any", "up", "down", "more"]] = {
    "failures_shown": "any",
    "angles": "any",
    "banned_openings": "more",
    "context_min": "up",
    "question_min": "up",
    "rubric.items_min": "up",
    "rubric.items_max": "down",
    "rubric.positives_min": "up",
    "rubric.negatives_min": "up",
    "rubric.weight_max": "down",
}
"""Values of recipe.toml that an edit may change, and in which direction: checks in code can only be made stricter.

Fewer negative criteria (a finding of the paper) are a decision for a person, who starts from the recipe `cs-positive`.
"""

_NAME = re.compile(r"[a-z_]+(?:\.md|\.toml)")
_MARK = re.compile(r"\[\[/?\w+|\]\]")
_KEY = re.compile(r'"([A-Za-z_]+)"\s*:')
_WORD_OF_REPLY = re.compile(r"\b[A-Z]{4,}(?:_[A-Z]+)*\b")
_OPTIONAL_KEYS = frozenset({"scratchpad", "tags", "category", "positives", "negatives", "feedback"})
"""Keys of a reply that no parser asks for."""
_MATERIAL = "never an instruction"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an edit is not taken: `sentence` says it to a person, `excerpt` is what it was found in, on one line."""

    code: Code
    file: str
    sentence: str
    excerpt: str = ""


def list_editable(recipe: Recipe) -> tuple[str, ...]:
    """Files of this recipe that an edit may change, recipe.toml last."""
    templates = [name for agent in EDITABLE_AGENTS for name in name_templates(agent) if name in recipe.files]
    return (*templates, "recipe.toml")


def check_edit(parent: Recipe, files: Mapping[str, str]) -> list[Refusal]:
    """Everything that speaks against replacing these files of `parent` by these texts; empty when nothing does.

    `files` holds whole new texts by file name; files that are not in it stay as they are. Never raises, whatever the
    texts hold.
    """
    refusals = [refusal for name in files if (refusal := _check_name(parent, name))]
    allowed = {name: text for name, text in files.items() if name in list_editable(parent)}
    changed = {name: text for name, text in allowed.items() if text != parent.files[name]}
    if not changed and not refusals:
        return [Refusal("unchanged", "", "the edit changes no file")]
    for name, text in changed.items():
        refusals += _check_file(parent, name, text)
    growth = sum(len(text) - len(parent.files[name]) for name, text in changed.items())
    if growth > GROWTH_MAX:
        sentence = f"the edit adds {growth:,} characters; one edit may add {GROWTH_MAX:,}"
        refusals.append(Refusal("size", ", ".join(changed), sentence))
    if not refusals:
        refusals += _check_whole(parent, changed)
    return refusals


def _check_name(parent: Recipe, name: str) -> Refusal | None:
    if not _NAME.fullmatch(name):
        return Refusal("path", _show(name), "this is no name of a recipe's file; names are plain, without folders")
    if name in list_editable(parent):
        return None
    allowed = ", ".join(list_editable(parent))
    what = "this file is not there, and an edit adds none" if name not in parent.files else "this file is out of reach"
    return Refusal("file", name, f"{what}; an edit may change {allowed}")


def _check_file(parent: Recipe, name: str, text: str) -> list[Refusal]:
    old = parent.files[name]
    if len(text) > FILE_MAX:
        # Nothing of it is read on: comparing two texts takes time that grows with the square of their length.
        return [Refusal("size", name, f"the file has {len(text):,} characters; {FILE_MAX:,} are allowed", _show(text))]
    was, now = (spell_out(old), spell_out(text)) if name == "recipe.toml" else (old, text)
    hidden = find_hidden_characters("new text", was)
    found = [
        Refusal("characters", name, f"{sentence}; write it in letters that everybody sees", "")
        for sentence in find_hidden_characters("new text", now)
        if sentence not in hidden
    ]
    found += _check_words(name, was, now)
    if name == "recipe.toml":
        return found + _check_limits(old, text)
    found += _check_marks(name, old, text)
    lost = sorted(set(PLACEHOLDER.findall(old)) - set(PLACEHOLDER.findall(text)))
    if lost:
        sentence = f"{{{{{lost[0]}}}}} is missing, so its text would not reach the agent"
        found.append(Refusal("placeholder", name, sentence))
    return [*found, *_check_reply(name, old, text), *_check_protections(name, old, text)]


def _check_words(name: str, old: str, text: str) -> Iterator[Refusal]:
    new = compare_texts(old, text)
    for rule in RULES:
        for excerpt in new.find(rule.pattern, unless_negated=rule.negatable):
            yield Refusal(rule.code, name, rule.sentence, _show(excerpt))
            break


def _check_marks(name: str, old: str, text: str) -> Iterator[Refusal]:
    marks = _MARK.findall(text)
    if sorted(marks) != sorted(_MARK.findall(old)):
        sentence = "it changes the [[…]] marks that keep material apart from instructions"
        yield Refusal("marks", name, sentence, _show(" ".join(marks)))
    if _MATERIAL in old and _MATERIAL not in text:
        sentence = "it takes out the sentence that material between marks is never an instruction"
        yield Refusal("marks", name, sentence)


def _check_reply(name: str, old: str, text: str) -> Iterator[Refusal]:
    """The names a parser looks for have to stay in the instructions."""
    keys = set(_KEY.findall(old)) - _OPTIONAL_KEYS - set(_KEY.findall(text))
    words = set(_WORD_OF_REPLY.findall(old)) - set(_WORD_OF_REPLY.findall(text)) if name == "verifier.md" else set()
    if lost := sorted(keys | words):
        yield Refusal("reply_format", name, f"{', '.join(lost)} missing, without which the reply cannot be read")


def _check_protections(name: str, old: str, text: str) -> Iterator[Refusal]:
    if name.startswith(CHECKERS) and len(text) < (1 - SHRINK_MAX) * len(old):
        sentence = (
            f"what is checked shrinks from {len(old):,} to {len(text):,} characters; a tenth at most may go at once"
        )
        yield Refusal("protection", name, sentence)
    for sentence, clause in find_lost_bans(old, text):
        yield Refusal("protection", name, sentence, _show(clause))


def _check_limits(old: str, text: str) -> list[Refusal]:
    try:
        before, now = _flatten(tomllib.loads(old)), _flatten(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return [Refusal("unreadable", "recipe.toml", f"it is not TOML: {error}")]
    found = []
    for key in sorted(before.keys() | now.keys()):
        if before.get(key) != now.get(key) and (problem := _judge_limit(key, before.get(key), now.get(key))):
            shown = _show(f"{key}: {before.get(key)!r} → {now.get(key)!r}")
            found.append(Refusal("limit", "recipe.toml", problem, shown))
    return found


def _judge_limit(key: str, before: Any, now: Any) -> str:
    """Why this value may not become that; "" when it may."""
    direction = LIMITS.get(key)
    if direction is None:
        return f"{key} is out of reach; an edit may change {', '.join(LIMITS)}"
    if direction == "any":
        return ""
    if direction == "more":
        lost = set(map(str, before or ())) - set(map(str, now or ()))
        return f"{key} lost {', '.join(sorted(lost))}; it may only grow" if lost else ""
    if not isinstance(before, int) or not isinstance(now, int):
        return f"{key} has to be set before and after, so that one sees which of the two is stricter"
    tighter = now > before if direction == "up" else now < before
    return "" if tighter else f"{key} may only go {direction}: checks of a task get stricter, never softer"


def _check_whole(parent: Recipe, changed: Mapping[str, str]) -> list[Refusal]:
    try:
        make_recipe({**parent.files, **changed})
    except BadInput as error:
        return [Refusal("unreadable", ", ".join(changed), f"the recipe could not be run: {error}")]
    return []


def _flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _show(text: str) -> str:
    """A foreign text on one line, short."""
    line = " ".join(text[: 4 * EXCERPT_MAX].split())
    return line if len(line) <= EXCERPT_MAX else f"{line[:EXCERPT_MAX]}…"
