"""Notation: the same answer written in TeX, in plain text or with Unicode signs, brought to one form.

`fold_answer` is for comparing letter by letter; `write_latex` makes what the algebra library reads, or None for text
that is not wholly an expression, because half an expression would be compared in place of the whole.
"""

from __future__ import annotations

import re

EXPRESSION_MAX = 400
DEPTH_MAX = 12
"""Characters and nested brackets of an expression that is read; beyond them only equal texts are equal."""

_SIGNS = {
    "−": "-", "–": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "∗": "*", "÷": "/", "≤": r"\le ", "≥": r"\ge ",
    "≠": r"\ne ", "∞": r"\infty ", "√": r"\sqrt ", "∪": r"\cup ", "∩": r"\cap ", "∈": r"\in ", "±": r"\pm ",
    "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}",
    "∅": r"\emptyset ",
    "½": r"\frac{1}{2}", "⅓": r"\frac{1}{3}", "¼": r"\frac{1}{4}", "¾": r"\frac{3}{4}", "⅔": r"\frac{2}{3}",
    "°": r"^\circ ", "’": "'", "′": "'", "“": '"', "”": '"', "‖": "|", "∣": "|", "\u00a0": " ",
    "\u2009": " ", "\u202f": " ",
}  # fmt: skip
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        (
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi "
            "psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
        ).split(),
        strict=True,
    )
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh exp ln log max min gcd lcm det".split()
)
_NAMES = frozenset(name.lower() for name in _GREEK.values()) | {"infty"}
_SPELLED = {"infinity": "infty", "inf": "infty", "oo": "infty", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}
_OPENERS, _CLOSERS = "([{", ")]}"

_WRAPPERS = ((r"\(", r"\)"), (r"\[", r"\]"), ("$$", "$$"), ("$", "$"), ("**", "**"), ("`", "`"), ('"', '"'))
_STYLE = re.compile(r"\\(?:left|right|bigl?|bigr?|Bigl?|Bigr?|biggl?|biggr?|displaystyle|textstyle|limits)(?![a-zA-Z])")
_SPACES = re.compile(r"\\[,;:! ]|\\quad\b|\\qquad\b|~|\s+")
_TEXT = re.compile(r"\\(?:text|textrm|textbf|textit|mathrm|mathbf|mathit|mathsf|operatorname\*?)\s*\{([^{}]*)\}")
_UNDECIDABLE = re.compile(
    r"\\(?:ldots|cdots|dots|vdots|approx|sim|simeq|cong|equiv|pmod|bmod|mod|Theta|Omega|Psi|mathcal|forall|exists|iff|"
    r"implies|to|rightarrow|mathbb|oplus|otimes|rtimes|ltimes|wr|partial|nabla|mid|top|dagger|prime|begin\{cases\})(?![a-zA-Z])"
    r"|[a-zA-Z]\s*\\times\s*[a-zA-Z]|(?<![a-zA-Z\\])[A-Z]\s*/\s*\d"
    r"|\.\.\.|…|'|\^\s*\{?\s*(?:T|\*|\\ast|\\circ)\s*\}?(?![a-zA-Z(])|(?<![a-zA-Z\\_])[Oo]\s*\(|@|#|:|\?|;|\""
)
"""What the library would drop, misread or take for a product of numbers: Z/2 x Z/6 is a group."""
_AMBIGUOUS = re.compile(
    r"/\s*(?:\d+(?:\.\d+)?|[a-zA-Z])\s*(?=[a-zA-Z(]|\\(?!cdot|times|le|ge|cup|cap|in\b|infty))|\^\s*(?:\{[^{}]*\}|\w)\s*\^"
)
"""1/2x and a^b^c, which readers read in two ways."""
_HUGE = re.compile(r"\d{5,}\s*\}?\s*!|\^\s*\{?\s*-?\d{5,}|\^\s*\{\s*-?\(?\d+\s*\^|\d{200,}|!\s*\)*\s*!")
"""Numbers nobody can write out: refused before they are computed, so that the usual bombs cost nothing."""
_WORD = re.compile(r"(?<![\\a-zA-Z])[a-zA-Z]{2,}")
_WORDY = re.compile(r"[^\W\d_]{4,}")


def fold_answer(text: str) -> str:
    """Text for comparing letter by letter: wrappers, spacing and a final full stop do not count, case only in words."""
    text = strip_wrappers(text)
    for sign, written in (("−", "-"), ("–", "-"), ("’", "'"), ("“", '"'), ("”", '"'), ("\u00a0", " ")):
        text = text.replace(sign, written)
    text = _STYLE.sub("", text)
    text = _TEXT.sub(r"\1", text)
    text = _SPACES.sub(" ", text).strip()
    if _WORDY.search(text) and not re.search(r"[\\^_={}<>+*/]", text):
        return re.sub(r"^(?:the|an?) ", "", text.casefold()).rstrip(".").strip()
    return re.sub(r"(?<![0-9A-Za-z]) | (?![0-9A-Za-z])", "", text)


def strip_wrappers(text: str) -> str:
    """Without the dollar signs, brackets or asterisks around all of it, and without a closing full stop."""
    text = text.strip()
    while True:
        before = text
        text = text.strip().rstrip(".,;" if not text.endswith("...") else "").strip()
        for start, end in _WRAPPERS:
            inner = text[len(start) : len(text) - len(end)]
            if len(text) > len(start) + len(end) and text.startswith(start) and text.endswith(end) and end not in inner:
                text = inner
        if text == before:
            return text


def write_latex(text: str) -> str | None:
    """The expression in TeX that the library reads, or None where the text is not wholly one, or is ambiguous."""
    if len(text) > EXPRESSION_MAX:
        return None
    latex = _write_signs(strip_wrappers(text))
    latex = _STYLE.sub("", latex)
    latex = _TEXT.sub(_write_text, latex)
    latex = _write_plain(_SPACES.sub(" ", latex))
    latex = re.sub(r"\\[dt]frac", r"\\frac", latex)
    latex = re.sub(r"\\frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}", latex)
    latex = re.sub(r"\\sqrt\s*(\d+|[a-zA-Z](?![a-zA-Z]))", r"\\sqrt{\1}", latex)
    latex = re.sub(r"\\lg(?![a-zA-Z])", r"\\log_{10}", latex)
    latex = re.sub(r"\\log(?!\s*_)(?![a-zA-Z])", r"\\ln", latex)
    latex = latex.replace(r"\exp", r"\exp ").strip()
    latex = re.sub(r"_(\d{2,})", r"_{\1}", latex)
    if not latex or not latex.isascii() or measure_depth(latex) > DEPTH_MAX:
        return None
    if "&" in latex and r"\begin" not in latex:
        return None
    if _UNDECIDABLE.search(latex) or _AMBIGUOUS.search(latex) or _HUGE.search(latex):
        return None
    return latex if _is_symbols(latex) else None


def uses_bare_log(text: str) -> bool:
    """Whether a logarithm without a base occurs, which is read as the natural one and may be another."""
    return re.search(r"(?<![a-zA-Z])log(?!\s*_)(?![a-zA-Z])", text) is not None


def measure_depth(text: str) -> int:
    """The deepest nesting of brackets; large where they do not match."""
    depth = deepest = 0
    for sign in text:
        depth += (sign in _OPENERS) - (sign in _CLOSERS)
        deepest = max(deepest, depth)
    return deepest


def _write_signs(text: str) -> str:
    for sign, written in _SIGNS.items():
        text = text.replace(sign, written)
    for letter, name in _GREEK.items():
        text = text.replace(letter, f"\\{name} ")
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]+", lambda found: "^{" + found.group().translate(_SUPERSCRIPTS) + "}", text)
    return re.sub(r"[₀₁₂₃₄₅₆₇₈₉]+", lambda found: "_{" + found.group().translate(_SUBSCRIPTS) + "}", text)


def _write_text(match: re.Match[str]) -> str:
    """Roman e, i and d are symbols, a known function its command; any other words stay words."""
    inner = match.group(1)
    return f"\\{inner}" if inner in _FUNCTIONS else inner


def _write_plain(text: str) -> str:
    """Plain notation to TeX: sqrt(x), exp(x), pi, **, ^(…), <=."""
    text = text.replace("**", "^").replace("<=", r"\le ").replace(">=", r"\ge ")
    text = re.sub(r"(?<![\\a-zA-Z])sqrt\s*\(", r"\\sqrt(", text)
    text = re.sub(r"(?<![\\a-zA-Z])(?:binomial|binom|C)\(([^(),]+),([^(),]+)\)", r"\\binom{\1}{\2}", text)
    text = re.sub(r"(?<![\\a-zA-Z])([a-zA-Z]+)", _write_name, text)
    text = _brace(text, r"\sqrt")
    text = _brace(text, "^")
    return re.sub(r"\^\s*(-?\d+(?:\.\d+)?|-[a-zA-Z])", r"^{\1}", text)


def _write_name(match: re.Match[str]) -> str:
    word = match.group(1)
    name = _SPELLED.get(word.lower(), word)
    if name in _FUNCTIONS or (name.lower() in _NAMES and len(name) > 1):
        return f"\\{name} "
    return word


def _brace(text: str, head: str) -> str:
    """`head(…)` as `head{…}`, the brackets matched."""
    parts, start = [], 0
    while (found := text.find(head + "(", start)) >= 0:
        opening, depth = found + len(head), 0
        for position in range(opening, len(text)):
            depth += (text[position] == "(") - (text[position] == ")")
            if not depth:
                break
        else:
            break
        parts += [text[start:opening], "{", _brace(text[opening + 1 : position], head), "}"]
        start = position + 1
    return "".join([*parts, text[start:]])


def _is_symbols(latex: str) -> bool:
    """Whether letters stand for symbols: no words, and nothing of several letters without an operator beside it."""
    rest = re.sub(r"\\begin\{[a-z]*matrix\}|\\end\{[a-z]*matrix\}|\\mathbb\{[A-Z]\}|\\[a-zA-Z]+", " ", latex)
    words = _WORD.findall(rest)
    if any(len(word) > 3 for word in words):
        return False
    return not words or re.search(r"[-+*/^=_()\\\d]", latex) is not None
