"""What the simulated solvers put round their statements. None of it contains a negation or more than one term."""

from __future__ import annotations

OPENINGS = (
    "The question is best approached through {A}.",
    "To answer this, I start from {B} and ask what it commits us to.",
    "There are several considerations here, and they do not carry equal weight.",
    "Much depends on how the part of {C} is understood, so I begin there.",
    "Let me take the considerations one by one.",
)
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
CLOSINGS = (
    "On balance, this is the conclusion I would defend.",
    "Taken together, these points determine the answer.",
    "Other readings are possible, but they would need a further assumption.",
    "That is where I would leave the matter without more information.",
)
