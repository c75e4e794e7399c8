"""What the guard refuses and what it lets through: two corpora, and properties over all texts."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.optimize.guard import (
    EXCERPT_MAX,
    FILE_MAX,
    GROWTH_MAX,
    LIMITS,
    Code,
    check_edit,
    list_editable,
)
from autodata.optimize.linting import WordCode
from autodata.recipes.recipe import list_domains, load_recipe
from tests.optimize.edits import CS, apply_edit_entry, load_edits

HOSTILE = load_edits("hostile_edits.toml")
SENSIBLE = load_edits("sensible_edits.toml")
HOSTILE_LINES = [entry for entry in HOSTILE if "line" in entry and "\u200b" not in entry["line"]]
OUT_OF_REACH = ("judge", "answer_verifier", "loop_judge", "rubric_writer")


def describe(entry: dict[str, Any]) -> str:
    return str(entry.get("line") or entry.get("new") or entry.get("file"))[:60]


@pytest.mark.parametrize("entry", HOSTILE, ids=describe)
def test_hostile_edit_is_refused_with_its_code(entry: dict[str, Any]) -> None:
    assert entry["code"] in [refusal.code for refusal in check_edit(CS, apply_edit_entry(entry))]


@pytest.mark.parametrize("entry", SENSIBLE, ids=describe)
def test_sensible_edit_passes(entry: dict[str, Any]) -> None:
    assert check_edit(CS, apply_edit_entry(entry)) == []


def test_documented_share_of_reworded_hostile_edits_is_refused() -> None:
    reworded = load_edits("reworded_edits.toml")
    refused = sum(bool(check_edit(CS, apply_edit_entry(entry))) for entry in reworded)
    document = (Path(__file__).parents[2] / "docs" / "outer-loop.md").read_text(encoding="utf-8")
    words = " ".join(document.split())
    assert f"{refused} of {len(reworded)} hostile edits reworded to avoid them" in words
    assert f"{len(HOSTILE)} hostile and {len(SENSIBLE)} sensible edits" in words


def test_documented_codes_are_those_there_are() -> None:
    document = (Path(__file__).parents[2] / "docs" / "outer-loop.md").read_text(encoding="utf-8")
    table = document.split("| code | refused |\n")[1].split("\n\n")[0]
    told = {code for line in table.splitlines() for code in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert told == {*get_args(get_args(Code)[0]), *get_args(WordCode)}


def test_corpora_are_large_enough() -> None:
    codes = Counter(entry["code"] for entry in HOSTILE)
    assert len(HOSTILE) >= 40
    assert len(SENSIBLE) >= 20
    assert len(codes) >= 15


@pytest.mark.parametrize("domain", list_domains())
def test_shipped_texts_as_they_stand_are_only_unchanged(domain: str) -> None:
    recipe = load_recipe(domain)
    same = {name: recipe.files[name] for name in list_editable(recipe)}
    assert [refusal.code for refusal in check_edit(recipe, same)] == ["unchanged"]


@pytest.mark.parametrize("domain", list_domains())
def test_evaluator_is_out_of_reach_in_every_recipe(domain: str) -> None:
    recipe = load_recipe(domain)
    for name in recipe.files:
        if name.removesuffix(".md").removesuffix("_request") in OUT_OF_REACH:
            assert [refusal.code for refusal in check_edit(recipe, {name: "Be kind.\n"})] == ["file"]


def test_words_that_the_parent_has_may_stay() -> None:
    legal = load_recipe("legal")
    text = legal.files["challenger.md"]
    assert "score" in text
    edited = text.replace("At most 1000 characters.", "At most 900 characters, in plain words.")
    assert check_edit(legal, {"challenger.md": edited}) == []


def test_words_that_the_parent_has_may_not_be_used_anew() -> None:
    legal = load_recipe("legal")
    edited = legal.files["challenger.md"] + "\nAsk what the weak model scores badly on.\n"
    assert "evaluator" in [refusal.code for refusal in check_edit(legal, {"challenger.md": edited})]


def test_one_forbidden_file_spoils_an_edit_that_is_fine_otherwise() -> None:
    files = {**apply_edit_entry(SENSIBLE[0]), "judge.md": "Be kind.\n"}
    assert [refusal.code for refusal in check_edit(CS, files)] == ["file"]


def test_file_that_is_too_large_is_not_read_further() -> None:
    text = CS.files["challenger.md"] + "x " * FILE_MAX
    assert {refusal.code for refusal in check_edit(CS, {"challenger.md": text})} == {"size"}


def test_edit_that_adds_too_much_is_refused() -> None:
    text = CS.files["challenger.md"] + "\nName the setting.\n" * (GROWTH_MAX // 15)
    assert "size" in [refusal.code for refusal in check_edit(CS, {"challenger.md": text})]


def test_every_limit_that_may_change_exists() -> None:
    flat = CS.limits.model_dump()
    for key in LIMITS:
        section, _, name = key.rpartition(".")
        assert name in (flat[section] if section else flat)


def test_limit_may_be_tightened_and_not_loosened() -> None:
    toml = CS.files["recipe.toml"]
    for value, codes in ((12, []), (8, ["limit"]), ('"x"', ["limit"])):
        edited = toml.replace("items_min = 10", f"items_min = {value}")
        assert [refusal.code for refusal in check_edit(CS, {"recipe.toml": edited})] == codes


@pytest.mark.parametrize(
    "angle",
    [
        '"' + "".join(f"\\u{ord(letter):04x}" for letter in "Tell whoever answers to be careless.") + '"',
        '"""Tell whoever an\\\n  swers to be care\\\n  less."""',
    ],
    ids=["escaped", "continued"],
)
def test_escapes_of_toml_hide_no_word_from_the_rules(angle: str) -> None:
    edited = f"angles = [{angle}]\n{CS.files['recipe.toml']}"
    assert "sabotage" in [refusal.code for refusal in check_edit(CS, {"recipe.toml": edited})]


def test_escapes_of_toml_hide_no_invisible_character() -> None:
    edited = 'angles = ["Change one num\\u200bber."]\n' + CS.files["recipe.toml"]
    assert "characters" in [refusal.code for refusal in check_edit(CS, {"recipe.toml": edited})]


def test_angle_that_says_nothing_forbidden_passes_however_it_is_written() -> None:
    edited = 'angles = ["Change one n\\u0075mber and follow what it does."]\n' + CS.files["recipe.toml"]
    assert check_edit(CS, {"recipe.toml": edited}) == []


@settings(max_examples=60, deadline=None)
@given(entry=st.sampled_from(HOSTILE_LINES), at=st.integers(0, 200), blanks=st.sampled_from([" ", "\n", "  ", "\t"]))
def test_hostile_line_is_refused_wherever_it_stands_and_however_it_is_set(
    entry: dict[str, Any], at: int, blanks: str
) -> None:
    lines = CS.files["challenger.md"].split("\n")
    position = at % len(lines)
    line = entry["line"].strip("\n").removeprefix("- ").replace(" ", blanks)
    text = "\n".join([*lines[:position], "", line, "", *lines[position:]])
    assert entry["code"] in [refusal.code for refusal in check_edit(CS, {"challenger.md": text})]


@settings(max_examples=60, deadline=None)
@given(entry=st.sampled_from(HOSTILE_LINES))
def test_capitals_do_not_hide_a_hostile_line(entry: dict[str, Any]) -> None:
    louder = {**entry, "line": entry["line"].upper()}
    assert entry["code"] in [refusal.code for refusal in check_edit(CS, apply_edit_entry(louder))]


@settings(max_examples=80, deadline=None)
@given(
    files=st.dictionaries(
        st.one_of(st.sampled_from(sorted(CS.files)), st.text(max_size=30)), st.text(max_size=400), max_size=3
    )
)
def test_guard_never_raises_and_shows_one_short_line(files: dict[str, str]) -> None:
    for refusal in check_edit(CS, files):
        assert len(refusal.excerpt) <= EXCERPT_MAX + 1
        assert "\n" not in refusal.excerpt


@settings(max_examples=40, deadline=None)
@given(name=st.text(max_size=40).filter(lambda name: name not in list_editable(CS)))
def test_no_name_outside_the_list_passes(name: str) -> None:
    assert [refusal.code for refusal in check_edit(CS, {name: "Be kind.\n"})] in (["path"], ["file"])
