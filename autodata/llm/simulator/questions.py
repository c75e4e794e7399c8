"""Question templates, by type. Every term is singular and carries its article; {premise} is a clause of its own.

Each question asks for one thing and names what the answer has to rest on.
"""

from __future__ import annotations

QUESTIONS: dict[str, tuple[str, ...]] = {
    "outcome prediction": (
        "Suppose that {premise}. Predict the first consequence for {A}, and derive it from the role of {B}.",
        "Something changes about {A}, while {B} stays exactly as it was. Predict how this affects {C}.",
        "Two cases are alike in every respect but one: in the first, {premise}; in the second, this is not so. "
        "Predict how the two cases come apart with respect to {A}.",
        "Imagine that nobody could rely on {A} any longer, while {B} remained intact. Predict which difficulty "
        "{actor} would run into next.",
        "At first everything goes well, and then {premise}. Predict the order in which {A} and {B} are affected.",
        "A change that concerns {A} is made with no thought for {B}. Predict where its consequence is noticed first.",
        "Suppose that the role of {A} is taken over by something less reliable. Predict what would happen to {B}, "
        "and say what the prediction assumes about {C}.",
        "{Actor} expects that whatever happens to {A} will leave {C} untouched. Predict whether this expectation "
        "survives if {premise}.",
        "Two designs differ only in how they treat {A}. Predict which of them copes better if {premise}.",
        "Suppose that far more depended on {B} than it does now. Predict what the consequence for {A} would be.",
        "Everything that has been observed so far agrees with a simple account of {A}. Predict the situation in "
        "which that account fails because of {B}.",
    ),
    "decision under constraints": (
        "{Actor} may rely on {A} or on {B} but not on both. Which of the two should be chosen if {premise}?",
        "A colleague proposes to do without {A} because {B} seems to make it redundant. Decide whether the proposal "
        "should be accepted.",
        "{Actor} can give full attention to only one of three things: {A}, {B} or {C}. Decide which one it should be "
        "if {premise}.",
        "Assume that {premise} and that there is time for one correction only. Decide whether {actor} should begin "
        "with {A} or with {B}.",
        "Two proposals are on the table: one concentrates on {A}, the other on {B}. Decide between them, and name "
        "the cost that is being accepted.",
        "A decision about {A} has to be made before anything more can be learned about {B}. Decide which mistake "
        "would be the more serious one.",
        "{Actor} is told that {A} may be simplified as long as {C} does not suffer. Decide whether the offer should "
        "be taken up.",
        "The obvious choice is to leave {A} alone. Decide whether it remains the right choice if {premise}.",
        "Someone wants to settle the matter by looking at {B} only. Decide whether {actor} should agree, given what "
        "is known about {A}.",
        "A safeguard that concerns {A} would come at the expense of {B}. Decide whether it should be adopted if "
        "{premise}.",
        "{Actor} has to choose between acting at once and waiting until the state of {A} is clear. Decide which "
        "choice is better for {C}.",
    ),
    "multi-factor interaction": (
        "Consider {A}, {B} and {C} together, and suppose that {premise}. Which influence would be missed if they were "
        "studied one at a time?",
        "A change to {A} has one effect while {B} is left alone and another once {B} is adapted as well. Determine "
        "what the combined effect on {C} must be.",
        "Suppose that {premise} and that {A} changes at the same time. Determine whether the two "
        "developments reinforce or offset each other.",
        "Neither {A} nor {B} would cause difficulty alone. Determine under which circumstances the two together "
        "become a problem for {C}.",
        "{Actor} has studied {A} and {B} separately and understands each. Determine what can be learned only from "
        "looking at both.",
        "The effect of {A} depends on {B}, and the effect of {B} depends on {A}. Determine how the two act on one "
        "another if {premise}.",
        "An improvement that concerns {A} helps in some cases and does harm in others. Determine how it interacts "
        "with {B} to bring this about.",
        "Suppose that {A} and {B} both change at the same moment. Determine what their combined effect on {C} is, "
        "compared with the sum of the separate effects.",
        "{Actor} wants to know how much of an effect is due to {A} and how much to {B}. Determine how far the "
        "two contributions, taken together, can be told apart.",
        "Whether {A} matters at all turns out to depend on {C}. Determine how the two interact if {premise}.",
    ),
    "apparent contradiction": (
        "One observer looks at {A} and concludes that there is nothing to worry about; another looks at {B} and "
        "concludes the opposite. Show how both can be arguing from correct observations.",
        "It looks as if {A} and {B} were at odds, and yet {actor} would insist on keeping both. Resolve the apparent "
        "contradiction.",
        "What works well for {A} in ordinary circumstances turns out to do harm when {premise}. Resolve this "
        "apparent contradiction by identifying the assumption that silently changed.",
        "A general account of {A} and a particular case involving {B} seem to contradict each other although "
        "neither is mistaken. Find the distinction that removes the contradiction.",
        "Two careful analyses of {A} reach opposite conclusions about {C}. Find the assumption that one of them "
        "makes and the other does not.",
        "Everything suggests that more attention to {A} must help, and in practice it makes matters worse. Resolve "
        "the apparent contradiction with the help of {B}.",
        "{Actor} claims that {A} is decisive; a colleague claims that it hardly matters. Resolve the contradiction "
        "by saying in which cases each of them is right.",
        "The same observation about {A} is used to argue for one conclusion and for its opposite. Resolve the "
        "contradiction for the case that {premise}.",
        "A statement about {A} was confirmed again and again, and then {B} seemed to contradict it. Find the "
        "condition under which both can stand.",
        "According to one line of argument {A} depends on {B}; according to another it is the other way round. "
        "Reconcile the two, and say which of them matters for {C}.",
    ),
}

RECALL_QUESTIONS = (
    "According to the material, which property of {A} is mentioned together with {B}?",
    "Which statement about {A} does the material make when it introduces {B}?",
)

TAGS = {
    "outcome prediction": ("causal reasoning", "counterfactual reasoning", "boundary conditions", "tracing effects"),
    "decision under constraints": ("trade-off analysis", "weighing objections", "boundary conditions", "prioritising"),
    "multi-factor interaction": ("interaction effects", "causal reasoning", "isolating a factor", "tracing effects"),
    "apparent contradiction": ("resolving contradictions", "finding hidden assumptions", "drawing distinctions"),
}
