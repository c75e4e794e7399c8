"""No cell of an export can become a formula."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.dataset.cells import CELL_MAX, make_cell, neutralise_cell

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "−", "﹢", "﹣")
hostile = st.one_of(
    st.text(),
    st.builds(lambda lead, rest: lead + rest, st.sampled_from([*FORMULA_STARTS, " ", "\ufeff", "\u200b"]), st.text()),
)


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_formula_sign_gets_an_apostrophe(start):
    assert neutralise_cell(start + "cmd|'/c calc'!A1") == "'" + start + "cmd|'/c calc'!A1"


@pytest.mark.parametrize("hidden", [" ", "\u00a0", "\ufeff", "\u200b", "\x00", "\u202e"])
def test_formula_sign_behind_something_invisible_gets_an_apostrophe(hidden):
    assert neutralise_cell(hidden + "=1+1").startswith("'")


@pytest.mark.parametrize("text", ["", "plain", "1 = 1", "a-b", "Ärger", "'=quoted", "5 > 3", "mail@host"])
def test_plain_text_is_left_alone(text):
    assert neutralise_cell(text) == text


@given(hostile)
def test_neutralised_cell_never_starts_with_a_formula_sign(text):
    cell = neutralise_cell(text)
    assert not cell.startswith(FORMULA_STARTS)
    assert not unicodedata.normalize("NFKC", cell.lstrip()).startswith(("=", "+", "-", "@"))


@given(hostile)
def test_neutralising_only_ever_adds_one_apostrophe(text):
    assert neutralise_cell(text) in (text, "'" + text)


@given(st.lists(hostile, min_size=1, max_size=4))
def test_cells_come_back_from_a_csv_file_as_they_went_in(texts):
    cells = [make_cell(text) for text in texts]
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow(cells)
    file.seek(0)
    assert next(csv.reader(file)) == cells


def test_long_text_is_cut_with_a_note():
    cell = make_cell("x" * 50_000)
    assert cell.startswith("x" * CELL_MAX + "… [cut: 50,000 characters")
    assert len(cell) < 32_767


@pytest.mark.parametrize(("value", "cell"), [(None, ""), (True, "true"), (False, "false"), (-0.04, "-0.04"), (3, "3")])
def test_values_that_are_not_text_are_plain(value, cell):
    assert make_cell(value) == cell
