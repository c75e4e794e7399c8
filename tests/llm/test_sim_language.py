"""The English of the simulated challenger: terms are noun phrases, facts are statements, texts hang together."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.llm.simulator.challenger import write_task
from autodata.llm.simulator.document import digest_document
from autodata.llm.simulator.facts import find_facts, is_declarative
from autodata.llm.simulator.terms import find_terms

WORDS_AND_MARKS = [
    *"when if the a lease log grows,the page waits because of which 1,000 torn let suppose however it this".split(),
    *[",", ", ", ".", ". ", ";", ":", "(", ")", "?", "!", "–", "'", "\n\n", "# ", "- ", "`x`", "**", "…"],
]
SAMPLES = sorted(path for path in (Path(__file__).parents[2] / "samples").rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("The edge survives with probability p. An edge is deleted at random.", "survives"),
        ("The renewal delayed by packet loss costs a lease. The renewal is cheap.", "delayed"),
        ("An insert that the lookup consults to the end fails. A lookup is cheap.", "consults"),
        ("Nothing changes when the leader stops. The leader is alone.", "stops"),
        ("The filter guards against misses. The filter guards for years. A filter is small.", "guards"),
        ("The iterates converge to a limit. The iterates converge from a start.", "converge"),
        ("The law permits recovery of a debt. The law permits recovery in a case.", "permits"),
        ("An expected weight equal to the sum is reached. The weight is known.", "equal"),
        ("The plaintiff knew of the leak. A plaintiff is bound.", "knew"),
        ("The powers of A tend to zero. The powers of A tend to it. A norm is large.", "tend"),
        ("The outage remains after the trigger. An outage is long.", "remains"),
    ],
)
def test_terms_never_end_in_a_verb_or_an_adjective(text: str, verb: str) -> None:
    terms = find_terms(text, "")
    assert terms
    assert not any(verb in term.split() for term in terms)


def test_terms_are_singular_noun_phrases_with_an_article() -> None:
    terms = find_terms("A lease read is cheap. A quorum read is slow. The lease read, however, needs the clock.", "")
    assert {"the lease read", "the quorum read"} <= set(terms)


@pytest.mark.parametrize(
    "clause",
    [
        "Suppose a quorum read takes 1.2 milliseconds on every machine",
        "Let every client give up after one second of waiting",
        "Put the vertices in random order and take every vertex",
        "Repeatedly take a vertex of minimum degree in the graph",
        "If the structure stores values that are read for long, copy the value out",
        "Where everything is known in advance",
        "Back in the original norm the estimate reads",
        "The sequence of norms of the powers, for as many steps as the application runs",
        "A number that grows with every term and that the storage compares",
        "Why does the leader wait for its followers?",
    ],
)
def test_orders_fragments_and_questions_are_no_statements(clause: str) -> None:
    assert not is_declarative(clause)


@pytest.mark.parametrize(
    "clause",
    [
        "A slot holds a fingerprint of f bits derived from the key",
        "If the space is compact, a shrinking map does have a fixed point",
        "Deleting a key removes one copy of its fingerprint",
        "The steps tend to zero and the sequence diverges",
    ],
)
def test_main_clauses_are_statements(clause: str) -> None:
    assert is_declarative(clause)


def test_facts_that_point_outside_themselves_are_left_out() -> None:
    text = (
        "This is what breaks the whole argument of the authors. It costs one network round trip for every read. "
        "The former is cheaper than any other known method. The leader answers from its own state without a message."
    )
    assert [fact.clause for fact in find_facts(text)] == ["the leader answers from its own state without a message"]


def test_facts_keep_names_and_symbols_and_lower_the_rest() -> None:
    text = (
        "Banach's theorem gives exactly one fixed point in a complete space. "
        "A page must be written after the log has been flushed. A is replaced by a matrix of smaller spectral norm."
    )
    assert [fact.clause[:8] for fact in find_facts(text)] == ["Banach's", "a page m", "A is rep"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_tasks_from_the_samples_are_free_of_known_flaws(path: Path) -> None:
    text = re.sub(r"<[^>]+>", "\n", path.read_text(encoding="utf-8"))
    for seed in range(5):
        task = write_task(text, Random(seed))
        shown = " ".join([task.context, task.question, task.reference_answer, *(item.criterion for item in task.items)])
        assert not re.search(r"\bthe the\b|[{}]|\.\.|  | ,|\bIn this situation, in\b", shown)
        openings = {item.claim.split(maxsplit=1)[0].lower() for item in task.items}
        assert not openings & {"suppose", "let", "consider", "this", "it", "these", "such", "we", "where", "and", "but"}
        assert all(term.startswith("the ") or "'s " in term for term in task.terms)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("The court held that the contract was void. The tenant sued, and the landlord pleaded a breach.", "law"),
        ("The server keeps a cache. A client request waits in the queue while the server is busy.", "cs"),
        ("A bounded sequence in a compact metric space has a limit. The proof uses induction and a lemma.", "math"),
        ("Bees return to the meadow in spring, and the beekeeper opens the hive.", "general"),
    ],
)
def test_the_field_is_guessed_from_the_vocabulary(text: str, field: str) -> None:
    assert digest_document(text).field == field


@given(st.lists(st.sampled_from(WORDS_AND_MARKS), max_size=40).map(" ".join) | st.text(max_size=300))
def test_any_text_is_read_without_a_crash(text):
    find_facts(text)
    find_terms(text, "")
    is_declarative(text)


@pytest.mark.parametrize("clause", ["when the log grows,the page waits for the flush", "When 1,000 pages are torn", ""])
def test_comma_without_a_space_opens_no_main_clause(clause):
    assert not is_declarative(clause)
