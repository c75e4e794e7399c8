"""The simulated extractor: tells orders about procedure from documents with law in them, by their words."""

from __future__ import annotations

import re

import orjson

from autodata.llm.simulator.document import Digest, digest_document
from autodata.llm.simulator.text import capitalise, split_sentences

_PROCEDURAL = re.compile(
    r"\b(?:extension of time|status conference|scheduling order|docket|vacated and continued|initial disclosures|"
    r"so ordered|joint report|under seal|leave to appear|notice of appearance|affirmed without (?:an )?opinion|"
    r"for the reasons (?:stated|given) by|adopts? the (?:reasons|recommendation)|ex parte|per curiam)\b",
    re.IGNORECASE,
)
_REASONING = re.compile(
    r"\b(?:because|therefore|unless|it follows|we hold|the court must|does not follow|by its own words|the reason|"
    r"is (?:not )?enough|even if|on the ground|prevails|the test|burden|so that|entitled)\b",
    re.IGNORECASE,
)
_HOLDING = re.compile(r"\b(?:hold|holds|held|must|cannot|may not|is not|does not|prevails|is granted|binds?)\b")
_SHORT = 90
"""Fewer words than this are an affirmance in a line or two when they have a procedural ring."""


def extract_document(document: str) -> str:
    """The extractor's JSON reply."""
    digest = digest_document(document)
    cues, reasons = len(_PROCEDURAL.findall(document)), len(_REASONING.findall(document))
    suitable = not (cues and (cues > reasons or len(document.split()) < _SHORT))
    values = {
        "suitable_for_synthetic_question": suitable,
        "suitability_note": _note(cues, reasons, suitable),
        "document_type": _name_type(document),
        "topic_keywords": [term.removeprefix("the ") for term in digest.terms[:5]],
    }
    found = _take_out(document, digest) if suitable else {"issues": [], "facts": "", "holdings": []}
    return orjson.dumps({**values, **found}).decode()


def _note(cues: int, reasons: int, suitable: bool) -> str:
    if suitable:
        return f"The document gives reasons in {reasons} places that would hold for other parties as well."
    return (
        f"The document settles procedure only: {cues} passages set dates, service or docket matters, and {reasons} "
        "give a reason that could be carried over to another case."
    )


def _name_type(document: str) -> str:
    opening = document[:500].lower()
    for cue, name in (
        ("memorandum", "legal memorandum"),
        ("appellate court", "appellate opinion"),
        ("opinion", "court opinion"),
        ("scheduling order", "procedural order"),
        ("agreement", "contract"),
    ):
        if cue in opening:
            return name
    return "legal document"


def _take_out(document: str, digest: Digest) -> dict[str, object]:
    """Issues from terms, facts from sentences with figures, holdings from statements that bind somebody."""
    terms = (*digest.terms, "the agreement", "the claim", "the loss")
    issues = [f"Does {terms[at]} decide the matter once {terms[at + 1]} is taken into account?" for at in range(2)]
    prose = [sentence for sentence in split_sentences(document) if len(sentence) > 50 and not sentence.startswith("#")]
    figures = [sentence for sentence in prose if re.search(r"\d", sentence)] or prose
    half = max(1, min(6, len(figures)) // 2)
    holdings = [fact.clause for fact in digest.facts if _HOLDING.search(fact.clause)]
    holdings = holdings or [fact.clause for fact in digest.facts] or prose[:3] or [document.strip()[:400]]
    return {
        "issues": issues,
        "facts": "\n\n".join(part for part in (" ".join(figures[:half]), " ".join(figures[half : 2 * half])) if part)
        or document.strip()[:400],
        "holdings": [capitalise(f"{clause}.") for clause in holdings[:8]],
    }
