"""A task in other words by the auditor's writer, and the check in both directions that it still says the same."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from autodata.agents.replies import find_object, read_agreed, read_text, show_value
from autodata.agents.schemas import TEXT, make_object
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.prompts import ask_agent
from autodata.errors import MalformedReply

TASK_MAX = 24_000
"""Characters of a task that a model can be expected to write out again."""

LONGEST, SHORTEST = 2.0, 0.4
"""A paraphrase beyond these times its original has added or lost something."""
ROOM = 200

_WORDS = make_object({"new_context": TEXT, "new_question": TEXT})
_ENTAILED = make_object({"missing": TEXT, "entailed": {"type": "boolean"}})


@dataclass(frozen=True, slots=True)
class Wording:
    """Context and question of a task in some words; the context may be ""."""

    context: str
    question: str

    @property
    def text(self) -> str:
        """What a solver reads."""
        return f"{self.context}\n\n{self.question}" if self.context else self.question


@dataclass(frozen=True, slots=True)
class Entailment:
    """Whether one text says all that another says, and the first thing it does not say."""

    entailed: bool
    missing: str


async def paraphrase(task_id: str, context: AuditContext, original: Wording, attempt: int = 0) -> Wording:
    """The task in other words; another attempt has other seeds. Raises MalformedReply and ProviderFailure."""
    sections = {"context": original.context, "question": original.question}
    found, _ = await ask_agent(
        context,
        "paraphrase",
        "auditor_writer",
        sections,
        lambda reply: parse_paraphrase(reply, original),
        task_id=task_id,
        attempt=attempt,
        schema=_WORDS,
    )
    return found


async def check_both_ways(
    task_id: str, context: AuditContext, original: Wording, paraphrased: Wording, attempt: int = 0
) -> tuple[Entailment, Entailment]:
    """Whether the paraphrase says all of the original, and the original all of the paraphrase."""
    directions = (("kept", paraphrased, original), ("added", original, paraphrased))
    asked = (
        ask_agent(
            context,
            "entailment",
            "auditor_writer",
            {"given": given.text, "claimed": claimed.text},
            parse_entailment,
            task_id=task_id,
            attempt=attempt,
            subject=name,
            schema=_ENTAILED,
        )
        for name, given, claimed in directions
    )
    (kept, _), (added, _) = await asyncio.gather(*asked)
    return kept, added


def parse_paraphrase(reply: str, original: Wording) -> Wording:
    """The new words; raises MalformedReply where a part is absent, appears from nowhere, or has another size."""
    values = find_object(reply, "new_question")
    question = read_text(values, "new_question")
    context = read_text(values, "new_context", required=bool(original.context))
    if context and not original.context:
        raise MalformedReply("the paraphrase has a context, the task has none")
    found = Wording(context, question)
    before, after = len(original.text), len(found.text)
    if not SHORTEST * before - ROOM <= after <= LONGEST * before + ROOM:
        raise MalformedReply(f"the paraphrase has {after:,} characters, the task {before:,}")
    return found


def parse_entailment(reply: str) -> Entailment:
    """The checker's word. Raises MalformedReply for anything but true or false, and for a reply that says both."""
    return read_agreed(reply, "entailed", _read_entailment, stance=lambda found: found.entailed)


def _read_entailment(values: dict[str, object]) -> Entailment:
    given = values["entailed"]
    if not isinstance(given, bool):
        raise MalformedReply(f"entailed is {show_value(given)}, expected true or false")
    missing = read_text(values, "missing", required=False)[:300]
    if given and missing:
        raise MalformedReply(f"entailed, although {missing[:80]!r} is called missing")
    return Entailment(given, missing)
