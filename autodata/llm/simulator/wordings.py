"""What the simulated solvers put round their statements. None of it contains a negation or more than one term."""

from __future__ import annotations

from dataclasses import dataclass

STATING_LEADS = (
    "",
    "",
    "",
    "The decisive observation is that ",
    "A first step is to see that ",
    "One has to keep in mind that ",
    "Note that ",
    "It matters here that ",
    "The argument turns on the fact that ",
    "Moreover, ",
    "At the same time, ",
    "From this one sees that ",
    "In this situation, ",
    "It follows that ",
    "Just as importantly, ",
    "The answer can build on the fact that ",
)
ERRING_LEADS = (
    "",
    "As a rule, ",
    "It seems safe to say that ",
    "In my view, ",
    "For practical purposes, ",
    "Clearly, ",
    "One may assume that ",
)
VAGUE = (
    "The influence of {A} should be taken into account in some way.",
    "Something similar can be said about {B}, although the details will vary.",
    "There are also considerations of {C} that could matter.",
    "How far this reaches would have to be examined more closely.",
    "Experience suggests that such situations call for care with {A}.",
    "The role of {B} is important in this context.",
    "Various further circumstances may strengthen or soften this effect.",
    "In general, a balanced approach to {C} is advisable.",
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a model begins and ends an answer; its kin may know it by that."""

    openings: tuple[str, ...]
    closings: tuple[str, ...]


PLAIN = Manner(
    openings=(
        "The question is best approached through {A}.",
        "To answer this, I start from {B} and ask what it commits us to.",
        "There are several considerations here, and they do not carry equal weight.",
        "Much depends on how the part of {C} is understood, so I begin there.",
        "Let me take the considerations one by one.",
    ),
    closings=(
        "On balance, this is the conclusion I would defend.",
        "Taken together, these points determine the answer.",
        "Other readings are possible, but they would need a further assumption.",
        "That is where I would leave the matter without more information.",
    ),
)
MANNERS = {
    "sim-strong": Manner(
        openings=(
            "I take {A} as the place to start.",
            "What has to be settled first is how {B} enters the picture.",
            "I go through the considerations in the order of their weight.",
            "The part that {C} plays deserves attention before anything else.",
            "Here is how I would reason.",
        ),
        closings=(
            "This is the answer that the considerations above support.",
            "With that, the question is answered as far as the setting allows.",
            "I would revise this only in the light of further facts.",
            "So much can be said on the basis of what is given.",
        ),
    ),
    "sim-peer": Manner(
        openings=(
            "Looking at {A} first seems natural.",
            "My starting point is {B}.",
            "A few points stand out.",
            "One can begin with {C} and see where that leads.",
            "Here are my thoughts.",
        ),
        closings=(
            "That is my view of the matter.",
            "These are the main points.",
            "In sum, this is how I see it.",
            "More could be said, but this is the core.",
        ),
    ),
}
"""By model; everybody else writes plainly."""


def recognise_manner(text: str) -> str:
    """The model whose manner a text is in; "" for the plain one or none."""
    for model, manner in MANNERS.items():
        marks = (*manner.closings, *(opening.partition("{")[0] for opening in manner.openings))
        if any(len(mark) >= 10 and mark in text for mark in marks):
            return model
    return ""
