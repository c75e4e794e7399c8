"""Other words for the same: an answer in one plain style, and a task that asks what it asked before."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

import orjson

from autodata.canon import derive_seed, hash_text
from autodata.llm.simulator import wordings
from autodata.llm.simulator.auditor import calibration as cal
from autodata.llm.simulator.auditor.reading import drop_comments, drop_orders, is_order
from autodata.llm.simulator.math.families import read_problem
from autodata.llm.simulator.tasks import LatentTask, TaskStore, key_of
from autodata.llm.simulator.text import capitalise, split_sentences

_LEADS = tuple(
    sorted({lead for lead in (*wordings.STATING_LEADS, *wordings.ERRING_LEADS) if lead}, key=len, reverse=True)
)
_FRAME = frozenset(
    (*wordings.PLAIN.closings, *(closing for manner in wordings.MANNERS.values() for closing in manner.closings))
)
_MARKUP = re.compile(r"^\s*(?:#{1,6}\s+|[-*+•]\s+|\d+[.)]\s+)|[*`]{1,3}", re.MULTILINE)

_LEAD_IN = "The following is asked."
_SWAPS = (
    ("Three things matter here:", "The matter turns on three things:"),
    ("It is given that ", "One may take it that "),
    ("It is also given that ", "One may also take it that "),
    ("Suppose that ", "Assume that "),
    ("Assume that ", "Suppose that "),
    ("Imagine that ", "Picture that "),
    ("Consider ", "Look at "),
    ("Predict how ", "Say in advance how "),
    ("Predict ", "Foresee "),
    ("Decide whether ", "Settle whether "),
    ("Decide ", "Settle "),
    ("Determine ", "Work out "),
    ("Resolve ", "Dissolve "),
    ("Find the ", "Identify the "),
    (" proposes to ", " suggests to "),
    (" wants to ", " wishes to "),
    (" has to ", " must "),
    (" should be ", " ought to be "),
    (" although ", " even though "),
    (" if ", " in case "),
    ("Subject: ", "Topic: "),
    ("What is ", "Which is "),
)


def restyle_answer(answer: str) -> str:
    """The writer's JSON reply: every statement of the answer, one a line, without leads, markup and framing words."""
    lines = []
    for sentence in split_sentences(_MARKUP.sub("", answer)):
        lead = next((lead for lead in _LEADS if sentence.startswith(lead)), "")
        if sentence not in _FRAME:
            lines.append(capitalise(sentence[len(lead) :]))
    return orjson.dumps({"rewritten": "\n".join(dict.fromkeys(lines)) or answer}).decode()


def paraphrase_task(sections: dict[str, str], task: LatentTask, store: TaskStore, server_seed: int) -> str:
    """The writer's JSON reply; the task is remembered under its new words, so that solvers recognise it."""
    question = sections["question"]
    new_context, new_question = _reword(sections.get("context", "")), _reword(question)
    if read_problem(question) != read_problem(new_question):
        new_question = drop_orders(question)
    if key_of(new_question) == key_of(question):
        new_question = f"{_LEAD_IN} {new_question}"
    by = Random(derive_seed(server_seed, "paraphrase", new_context, new_question)).gauss(0, cal.PARAPHRASE_SD)
    store.remember(
        replace(
            task,
            key=key_of(new_question),
            origin=hash_text(f"{server_seed}\x1fparaphrase\x1f{new_context}\x1f{new_question}")[:24],
            question=new_question,
            context=new_context,
            claims=tuple(replace(claim, difficulty=claim.difficulty + by) for claim in task.claims),
            like=task.luck_key,
        )
    )
    return orjson.dumps({"new_context": new_context, "new_question": new_question}).decode()


def _reword(text: str) -> str:
    """Paragraph by paragraph; sentences that speak to the reader mostly go, for they are no part of what is asked."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", drop_comments(text)):
        sentences = [_reword_sentence(sentence) for sentence in split_sentences(paragraph) if _keeps(sentence)]
        if sentences:
            paragraphs.append(" ".join(sentences))
    return "\n\n".join(paragraphs)


def _reword_sentence(sentence: str) -> str:
    return next((sentence.replace(old, new, 1) for old, new in _SWAPS if old in sentence), sentence)


def _keeps(sentence: str) -> bool:
    return not is_order(sentence) or Random(derive_seed("keeps", sentence)).random() < cal.OBEYED_SHARE
