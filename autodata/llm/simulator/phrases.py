"""What surrounds a question: setting, premises, steps of a rubric, errors.

{A}, {B}, {C} are singular terms with their article. {actor} is whoever works in the document's field.
"""

from __future__ import annotations

ACTORS = {
    "cs": ("an engineer", "a systems designer", "a developer on call", "an architect"),
    "law": ("a lawyer", "a judge", "an adviser to one of the parties", "a legal scholar"),
    "math": ("a mathematician", "a careful student", "the author of a proof", "a referee"),
    "general": ("an analyst", "a careful reader", "an experienced practitioner"),
}

SETTINGS = {
    "cs": (
        "{Actor} is responsible for a system in which {A} and {B} both play a part.",
        "A service has outgrown the assumptions it was built on, and {A} can no longer be treated in isolation.",
        "{Actor} inherits a design whose author left no notes on {A}, {B} or {C}.",
        "Two variants of a system behave alike in every small test and come apart under real use.",
        "A review of a running system has raised doubts about {A}, and {actor} is asked for an opinion.",
    ),
    "law": (
        "{Actor} has to assess a dispute in which both sides refer to {A}.",
        "The parties agree on what happened and disagree about the legal weight of {A} and {B}.",
        "{Actor} is asked for an opinion on a matter that involves {A}, {B} and {C}.",
        "A case that looked routine turns on how {A} and {B} bear on each other.",
        "The facts are settled, and the dispute is about what follows from them for {A}.",
    ),
    "math": (
        "{Actor} tries to carry an argument that involves {A} over to a setting in which less is assumed.",
        "A statement that involves {A} and {B} holds in every familiar example, and the question is what it rests on.",
        "{Actor} compares two proofs that use {A} at different points.",
        "A result is to be extended, and it is not clear which of its hypotheses can be weakened.",
        "{Actor} has checked a claim in small cases and wants to know what role {A} plays in general.",
    ),
    "general": (
        "{Actor} has to form a judgement on a matter that involves {A} and {B}.",
        "Two accounts of the same situation agree on the facts and differ in the weight they give to {A}.",
        "{Actor} wants to know what would change if {A} could no longer be taken for granted.",
    ),
}

DIFFICULTIES = (
    "What makes the situation hard is that a change to {A} rarely stays local: sooner or later it reaches {B}.",
    "Several readings are plausible, and they differ only in which dependence they treat as decisive.",
    "A conclusion that follows from {A} alone can be overturned once {B} is brought into view.",
    "Familiar rules of thumb were formed in cases where {B} could be ignored, and this is not such a case.",
    "It is tempting to settle the matter by looking at {A}, but that would leave the role of {C} unexamined.",
    "Each part is easy to understand by itself, and the trouble begins where {A} meets {B}.",
)

SCOPE = (
    "No further figures are needed.",
    "Ordinary professional knowledge of the field may be assumed, and nothing beyond it.",
    "The answer should rest on reasoning about how the parts fit together.",
    "The situation has to be taken as it is found, without redesigning the whole.",
)

PREMISE = {
    "cs": (
        "the load doubles without warning",
        "one component becomes much slower than the rest",
        "a rare failure occurs at the worst possible moment",
        "the system has to be restarted in the middle of its work",
        "the usual workload is replaced by a very uneven one",
    ),
    "law": (
        "one party performs late and the other accepts without comment",
        "the parties never discussed the point",
        "the relevant notice arrives one day late",
        "the decisive document turns out to be ambiguous",
        "one of the parties learns of the problem much earlier than the other",
    ),
    "math": (
        "one of the hypotheses holds only locally",
        "finiteness is given up and everything else is kept",
        "the most extreme example is included",
        "the decisive constant is no longer uniform",
        "the objects involved are far from typical",
    ),
    "general": (
        "circumstances change without warning",
        "one of the usual conditions is not met",
        "the decisive information arrives too late",
    ),
}

SPARE_TERMS = {
    "cs": ("the response time", "the recovery procedure", "the order of operations"),
    "law": ("the burden of proof", "the allocation of risk", "the intention of the parties"),
    "math": ("the order of the quantifiers", "the choice of the constant", "the extreme case"),
    "general": ("the main factor", "the usual procedure", "the overall outcome"),
}
"""Terms for a document that yields fewer than three of its own."""

STATING_VERBS = (
    "States that",
    "Recognises that",
    "Points out that",
    "Establishes that",
    "Uses the fact that",
    "Makes explicit that",
    "Notes that",
)
PREDICTING_VERBS = ("Explains that", "Concludes that", "Shows that", "Works out that")
ARGUING_VERBS = ("Argues that", "Explains that", "Makes clear that", "Justifies the answer by noting that")
ERROR_VERBS = ("Claims that", "Assumes that", "Concludes that", "Asserts that", "Takes for granted that")

RELATIONS: dict[str, tuple[str, ...]] = {
    "outcome prediction": (
        "the change reaches {C} by way of {B}",
        "the prediction would have to be reversed if {B} could be disregarded",
        "the first visible symptom concerns {B}, while its cause lies with {A}",
    ),
    "decision under constraints": (
        "neglecting {B} would be the costlier choice because nothing else protects {C}",
        "the decision has to rest on what happens to {C} in the worst case",
        "the strongest objection comes from the side of {A} and can be met by pointing to {B}",
    ),
    "multi-factor interaction": (
        "the effect on {C} depends on {A} and {B} jointly",
        "the influence that disappears in isolated study runs from {B} to {C}",
        "strain on {A} is passed on to {C} through {B}",
    ),
    "apparent contradiction": (
        "the two observations refer to different conditions on {A}",
        "the assumption that silently changed concerns {B}",
        "both conclusions become compatible once {C} is kept apart from {A}",
    ),
}
COMMON_RELATIONS = (
    "a conclusion about {A} holds only while {B} can be taken as fixed",
    "a remedy aimed at {A} alone would shift the difficulty to {C}",
    "one has to weigh {A} against {B} before any verdict on {C} is possible",
    "the limit set by {B} is reached long before the one set by {A}",
    "the usual account of {A} presupposes something about {C}",
    "the connection between {B} and {C} carries the main weight of the argument",
    "an observer who looks only at {A} would miss the contribution of {C}",
)
"""Steps of reasoning that complete a rubric; in a thin document they carry it."""

ERRORS = (
    "{A} and {B} can be analysed independently of each other",
    "attention to {A} is sufficient whatever the state of {B}",
    "{A} must take precedence over {B} in every case",
    "a change to {B} leaves {C} completely unaffected",
    "putting more weight on {A} removes every limit that {B} would otherwise set",
    "what can be said of {A} on average can be said of every single case",
    "the effect of {A} can be read off directly by ignoring {C}",
    "{B} may safely be treated as a mere detail",
    "any problem with {C} proves that {A} was the cause",
)

REFERENCE_OPENINGS = ("The decisive point is that ", "The answer turns on the fact that ", "In short, ")
REFERENCE_LINKS = ("", "In addition, ", "", "At the same time, ", "", "Moreover, ")
REFERENCE_CLOSINGS = ("Taken together, this means that ", "It follows that ", "This is why ")

REVERSALS = (
    (" cannot ", " can "),
    (" must not ", " may "),
    (" may not ", " may "),
    (" is not ", " is "),
    (" are not ", " are "),
    (" does not require ", " requires "),
    (" need not ", " must "),
    (" at most ", " at least "),
    (" at least ", " at most "),
    (" never ", " always "),
    (" always ", " never "),
    (" only if ", " even if "),
    (" only when ", " even when "),
    (" increases ", " decreases "),
    (" increase ", " decrease "),
    (" decreases ", " increases "),
    (" reduces ", " increases "),
    (" reduce ", " increase "),
    (" before ", " after "),
    (" after ", " before "),
    (" larger ", " smaller "),
    (" smaller ", " larger "),
    (" faster ", " slower "),
    (" slower ", " faster "),
    (" higher ", " lower "),
    (" lower ", " higher "),
    (" fewer ", " more "),
    (" necessary ", " sufficient "),
    (" sufficient ", " necessary "),
    (" depends on ", " is independent of "),
    (" exceeds ", " stays below "),
    (" unless ", " even if "),
    (" converges ", " diverges "),
    (" finite ", " infinite "),
    (" stronger ", " weaker "),
    (" weaker ", " stronger "),
    (" long ", " short "),
    (" short ", " long "),
    (" void ", " valid "),
    (" more than ", " less than "),
    (" first ", " last "),
)
"""What is turned round in a statement to make a concrete error of it; tried in this order."""

STYLE_ERROR = "Is poorly structured or badly formatted."
