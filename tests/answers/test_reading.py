"""The final answer in a solver's text."""

import pytest

from autodata.answers import read_final_answer


@pytest.mark.parametrize(
    ("text", "answer", "how"),
    [
        (r"We add. \boxed{\frac{1}{2}}", r"\frac{1}{2}", "boxed"),
        ("First this.\n\nANSWER: 2*pi", "2*pi", "marked"),
        ("First this.\n**Final answer:** $2\\pi$", "$2\\pi$", "marked"),
        ("So we are done.\nTherefore, the answer is x + 1.", "x + 1.", "marked"),
        ("Hence the answer is 3/4. This ends the proof.", "3/4", "marked"),
        ("3/4", "3/4", "whole"),
        (r"\[ x^2 + 1 \]", "x^2 + 1", "whole"),
        ("Long work.\nIt is the Klein four-group.", "It is the Klein four-group.", "last_line"),
    ],
)
def test_answer_is_found_where_the_writer_put_it(text, answer, how):
    found = read_final_answer(text)
    assert (found.text, found.how) == (answer, how)


def test_only_what_the_writer_calls_an_answer_is_declared():
    assert read_final_answer(r"\boxed{2}").declared
    assert not read_final_answer("Some work.\nx + y = 3").declared


def test_two_different_answers_are_unreadable():
    found = read_final_answer("ANSWER: 2\nOr rather:\nANSWER: 3")
    assert (found.text, found.how) == ("", "unreadable")
    assert "2 different final answers" in found.reason


def test_a_box_that_contradicts_the_marked_line_is_unreadable():
    assert read_final_answer("\\boxed{2}\nANSWER: 3").how == "unreadable"


def test_one_answer_said_twice_is_one_answer():
    assert read_final_answer("\\boxed{x + 1}\nANSWER: $x+1$").how == "boxed"
    assert read_final_answer("ANSWER: x + 1\nANSWER: $x+1$").text == "$x+1$"


def test_an_essay_is_no_final_answer():
    assert read_final_answer("word " * 300).how == "unreadable"


def test_an_empty_reply_is_unreadable():
    assert read_final_answer("  \n ").how == "unreadable"


def test_a_box_that_never_closes_is_not_read():
    assert read_final_answer("\\boxed{" + "{" * 50 + "\nwork").how == "last_line"


def test_hostile_length_is_read_at_its_end():
    assert read_final_answer("\\boxed{1}" * 200_000 + "\nANSWER: 1").text == "1"
