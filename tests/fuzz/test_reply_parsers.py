"""Whatever a model writes, a parser says what it read or MalformedReply; nothing else, and never a score of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.agents.answer_verifier import parse_answer_verdict
from autodata.agents.challenger import parse_draft
from autodata.agents.extractor import parse_extract
from autodata.agents.judge import parse_verdicts
from autodata.agents.loop_judge import parse_loop_verdict
from autodata.agents.screener import parse_ranking
from autodata.agents.verifier import parse_review
from autodata.errors import MalformedReply
from autodata.model import Criterion
from autodata.optimize.analyst import parse_analysis
from autodata.optimize.editor import parse_edit
from autodata.recipes.recipe import load_recipe
from autodata.scoring import score_verdicts
from tests.security.corpus import TEXTS
from tests.support.drafts import make_reply
from tests.support.scripted import PASS, write_verdicts

RUBRIC = tuple(Criterion(f"c{n}", f"says {n}", n) for n in range(1, 4))
LIMITS = load_recipe("cs").limits
VALID = (
    write_verdicts(2, 3), make_reply(), PASS, '{"correct": true, "reason": "same"}', '{"ranking": [{"id": "a"}]}',
    '{"suitable": true, "issues": [], "facts": []}', '{"verdict": "accept", "verdict_reason": "x"}',
    '{"root_cause": "x", "suggestion": "y", "citations": []}', '{"files": {"challenger.md": "x"}, "summary": "y"}',
)  # fmt: skip
PARSERS: dict[str, Callable[[str], object]] = {
    "judge": lambda text: parse_verdicts(text, RUBRIC),
    "challenger": lambda text: parse_draft(text, LIMITS),
    "verifier": parse_review,
    "answer verifier": parse_answer_verdict,
    "extractor": parse_extract,
    "loop judge": parse_loop_verdict,
    "screener": lambda text: parse_ranking(text, ["a", "b"]),
    "analyst": lambda text: parse_analysis(text, []),
    "editor": parse_edit,
}
"""Every parser of a reply, by who wrote it."""

_NAMES = st.sampled_from(
    "verdicts id met quote overall leakage question rubric type feedback correct reason ranking suitable verdict files "
    "summary root_cause suggestion citations criterion weight category tags context reference_answer".split()
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(TEXTS[:200]) | st.text(max_size=20)
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=5), max_leaves=12
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid reply with something cut out, doubled or put in between."""
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 3))):
        at, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        middle = draw(st.sampled_from(["", text[at:end] * 2, '"', "{", "}", "[", ",", "\\", "NaN", "1e999", "\ud800"]))
        text = text[:at] + middle + text[end:]
    return text


REPLIES = st.one_of(
    st.text(max_size=200),
    st.sampled_from(TEXTS),
    mutated(),
    st.dictionaries(_NAMES, _VALUES, max_size=6).map(json.dumps),
    st.tuples(st.sampled_from(TEXTS[:200]), st.sampled_from(VALID)).map("\n".join),
)


@pytest.mark.parametrize("who", PARSERS)
@given(text=REPLIES)
@settings(max_examples=60, deadline=None)
def test_a_parser_knows_one_error(who: str, text: str) -> None:
    with suppress(MalformedReply):
        PARSERS[who](text)


@given(text=REPLIES)
@settings(max_examples=120, deadline=None)
def test_no_garbage_is_a_verdict(text: str) -> None:
    try:
        verdicts = parse_verdicts(text, RUBRIC)
    except MalformedReply:
        return
    # What was read is a word on every criterion, each once, and none that the rubric does not have.
    assert sorted(verdict.criterion_id for verdict in verdicts) == ["c1", "c2", "c3"]
    assert all(verdict.met in (0, 1) for verdict in verdicts)
    assert any(f'"{name}"' in text or f"'{name}'" in text or name in text for name in ("c1", "c2", "c3"))
    score_verdicts(RUBRIC, {verdict.criterion_id: verdict.met for verdict in verdicts})


def test_no_text_of_the_corpus_is_a_score() -> None:
    for text in TEXTS:
        if "c1" not in text:
            with pytest.raises(MalformedReply):
                parse_verdicts(text, RUBRIC)
