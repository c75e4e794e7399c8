"""What surrounds the law in a simulated legal question: people, firms, events, worries, and steps of a rubric.

{A}, {B}, {C} are singular terms with their article; {firm}, {other}, {place}, {when}, {sum} are drawn for a question.
"""

from __future__ import annotations

FIRMS = (
    "Velmora Bakeries", "Ostrick Dairy", "Pellan Tiles", "Corvane Boats", "Halbrook Nurseries", "Tindervale Press",
    "Marrowby Cycles", "Quenby Textiles", "Rushmere Pumps", "Selwick Orchards", "Dunnaby Instruments",
    "Farrowgate Toys", "Ilverton Glass", "Kestmoor Timber", "Lorwick Kilns", "Nethercombe Cider",
)  # fmt: skip
OTHERS = (
    "Brasken Supply", "Odelle Systems", "Grantham Lane Properties", "Yarrow Mutual", "Castor and Pym", "Westrigg Hire",
    "Umbra Data", "Tollen Freight", "Arkwell Builders", "Sabine Finance", "Morven Roofing", "Ellery Power",
)  # fmt: skip
PLACES = (
    "Port Ansel", "Low Tamber", "Greyfold", "Kirrin Bay", "Upper Selm", "Hatherwick", "Stonecote", "Velden Marsh",
    "Crane Hollow", "East Morley",
)  # fmt: skip
TIMES = (
    "two springs ago", "last October", "at the start of last year", "eighteen months ago", "in the autumn before last",
    "just before the holidays", "about three years ago",
)  # fmt: skip
SUMS = ("$18,400", "$73,000", "$126,500", "$240,000", "$9,750", "$388,000", "$51,200")

OPENINGS = (
    "I run {firm}, a family business of some thirty people in {place}.",
    "My sister and I own {firm} in {place}, and neither of us has ever been in a dispute before.",
    "I look after the contracts of {firm}, which is based in {place}.",
    "We are a small company in {place}, {firm}, and I am the one who has to sort this out.",
)
EVENTS = (
    "{when} we made an arrangement with {other} in which {A} and {B} both play a part, and we shook hands on it.",
    "{when} {other} sent us papers that deal with {A}, with {B} and, in one line at the end, with {C}.",
    "For years we dealt with {other} without trouble, and {when} nobody gave a thought to {A} or to {B}.",
)
TURNS = (
    "Then {premise}, and since that day the tone between us has changed.",
    "Some weeks later {premise}, which neither side had planned for.",
    "What changed everything is that {premise}, and now {sum} is at stake.",
)
CLAIMS = (
    "{other} says that {A} settles the matter and that {C} has nothing to do with it.",
    "{other} now relies on {B} and will not talk about {A} at all.",
    "{other} writes that whatever the position on {B} may be, {C} leaves us without a claim.",
)
ASKS = (
    "Where do we stand on {A}, and what should we do about {B} before we answer their letter?",
    "Can we still rely on {A}, or does {B} decide the matter against us?",
    "What is our best position on {B}, and how much of the {sum} could we really lose over {A}?",
    "Do we have to accept what they say about {C}, and does it matter that {A} came first?",
)
DETAILS = (
    "Our bookkeeper kept every letter, and the first one that mentions {A} came eleven days after the delivery.",
    "Nobody at our end ever signed anything that names {C}, although I did answer one of their messages with thanks.",
    "The person who dealt with {other} for us has left, and her notes say only that {B} was discussed at length.",
    "They sent a reminder to an address that we had given up the year before, and they knew that it had come back.",
    "We paid half of the {sum} at once and kept the rest back because of {B}.",
    "In between there were four months in which neither of us wrote a word to the other.",
    "Their own manager told me in the yard that he did not think {A} would ever come up.",
    "A second firm was involved for a while, did a part of the work, and has nothing in writing with anybody.",
    "The papers allow them to change the terms, and they did so once, in a note on their website.",
    "We wrote to them the week we noticed, and they asked for more time, which we gave them.",
    "Our insurer wants to know by the end of the month whether {C} is likely to become an issue.",
    "To be fair, we were late ourselves on one occasion, by nine days, and nobody complained then.",
    "I have since learned that {other} had the same trouble with another customer and said nothing about it to us.",
    "One of the two dates could be read either way, because the form leaves the month out.",
    "The bank has asked for a short note on {A} before it renews our credit line.",
    "My own view is that {B} was meant for emergencies, but I am not certain that the words say so.",
)
SLIPS = (
    "A cousin of mine tells me that something like this is now on appeal elsewhere.",
    "I found an old article that speaks of the supreme court of another state, but I could not follow it.",
    "The lease of the yard goes back to 1911, if that matters.",
    "They have offered to act as if nothing had happened.",
)

STEPS: tuple[tuple[str, str], ...] = (
    ("issue_spotting", "the dispute turns on {A} rather than on what either side calls it"),
    ("issue_spotting", "two separate questions have to be kept apart, one about {B} and one about {C}"),
    ("issue_spotting", "whether {C} binds anybody who never agreed to it comes before every other question"),
    ("rule_application", "the rule on {A} applies to the firm once its condition is met by the facts it reports"),
    ("rule_application", "the consequence for {B} follows from the wording and not from what was hoped for"),
    ("rule_application", "reliance on {C} would need a promise that somebody actually made"),
    ("timeline_analysis", "the decisive moment for {A} lies before the later message was sent"),
    ("timeline_analysis", "the silence of several months does not move the date on which {B} begins to count"),
    ("timeline_analysis", "a period that had already ended for {C} cannot be revived by a later agreement"),
    ("exception_analysis", "an exception to {A} is read narrowly and has to be shown by whoever invokes it"),
    ("exception_analysis", "knowledge that a notice went astray takes away the right to rely on it against {B}"),
    ("exception_analysis", "the earlier delay of nine days is no waiver unless it was accepted with {C} in mind"),
    ("remedy_analysis", "the amount at risk falls if only the part that belongs to {A} can be claimed"),
    ("remedy_analysis", "winning the point on {B} could cost the firm the protection it has under {C}"),
    ("remedy_analysis", "payment of one half may be kept apart from any admission about {A}"),
    ("strategy", "the argument from {B} should be raised first because it holds in every version of the facts"),
    ("strategy", "a reply should reserve the position on {C} and admit nothing about {A}"),
    ("strategy", "evidence of what the manager said has to be secured before the letter is answered"),
    ("counterargument", "the strongest answer of the other side is that {A} was accepted by conduct"),
    ("counterargument", "the other side can point to its change of terms, which reaches {B} only with notice"),
)
ERRORS: tuple[tuple[str, str], ...] = (
    ("issue_spotting", "the label that the parties gave to {A} decides the matter by itself"),
    ("rule_application", "posting a note on a website is enough to bind everybody to {C}"),
    ("timeline_analysis", "every period starts anew with the latest letter about {B}"),
    ("exception_analysis", "silence about {A} always amounts to consent"),
    ("remedy_analysis", "the whole sum is lost as soon as {B} goes against the firm"),
    ("strategy", "nothing needs to be done until the other side sues over {C}"),
)
STATING_VERBS = (
    "Recognises that",
    "Identifies that",
    "Explains that",
    "Concludes that",
    "Makes clear that",
    "Argues that",
)
ERROR_VERBS = ("Claims that", "Assumes that", "Asserts that", "Concludes that")
REWARDS = "Applies the principle behind {A} to the client's own dates and words, and keeps {B} and {C} apart."
PENALISES = "Treats {A} as settled by its label, or promises an outcome that the facts do not carry."
