import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.agents.replies import find_object, read_agreed
from autodata.errors import MalformedReply


def test_object_is_found_among_prose_fences_and_other_objects():
    text = 'First {"a": 1}. Then\n```json\n{"wanted": 2}\n```\nand {"b": 3}.'
    assert find_object(text, "wanted") == {"wanted": 2}


def test_last_object_with_the_key_is_the_answer():
    assert find_object('{"wanted": "example"} {"wanted": "answer"}', "wanted")["wanted"] == "answer"


@pytest.mark.parametrize("text", ["{'wanted': 1}", '{"wanted": 1,}', '{"wanted": 1 // yes\n}'])
def test_small_slips_are_repaired(text):
    assert find_object(text, "wanted")["wanted"] == 1


@pytest.mark.parametrize("text", ["", "no", "[1, 2]", '{"other": 1}', "{" * 3000])
def test_reply_without_the_object_is_malformed(text):
    with pytest.raises(MalformedReply, match="wanted"):
        find_object(text, "wanted")


@given(st.text())
def test_hostile_text_is_found_or_refused_never_a_crash(text):
    try:
        found = find_object(text, "wanted")
    except MalformedReply:
        return
    assert "wanted" in found


@given(
    st.dictionaries(st.text(), st.integers() | st.text(), max_size=5), st.text(st.characters(exclude_characters="{}"))
)
def test_written_object_is_read_back_from_any_prose(values, prose):
    values = {**values, "wanted": 1}
    assert find_object(prose + json.dumps(values), "wanted") == values


BOMBS = ['{"a":' * 50_000, "{" * 100_000, '{"a":[' * 50_000, '{"wanted":[' * 50_000, "word { word " * 20_000]


@pytest.mark.parametrize("text", BOMBS)
def test_bomb_of_braces_is_refused_in_few_steps(text, monkeypatch):
    steps = []
    decode = json.JSONDecoder.raw_decode
    monkeypatch.setattr(json.JSONDecoder, "raw_decode", lambda *given: steps.append(1) or decode(*given))
    with pytest.raises(MalformedReply, match="no JSON object"):
        find_object(text, "wanted")
    assert len(steps) <= 1_000


def test_cut_off_reply_is_not_completed():
    with pytest.raises(MalformedReply):
        find_object('{"wanted": [{"weight": 8}, {"weight": -1', "wanted")


def test_field_given_twice_is_malformed():
    with pytest.raises(MalformedReply, match="'wanted' is given twice"):
        find_object('{"wanted": 0, "wanted": 1}', "wanted")


def test_number_of_thousands_of_digits_is_no_crash():
    with pytest.raises(MalformedReply):
        read_agreed(f'{{"wanted": {"9" * 5_000}}}', "wanted", read_wanted, stance=lambda wanted: wanted)


def test_objects_that_contradict_each_other_decide_nothing():
    with pytest.raises(MalformedReply, match="contradict each other"):
        read_agreed('{"wanted": 0} quoted: {"wanted": 1}', "wanted", read_wanted, stance=lambda wanted: wanted)


def test_object_that_cannot_be_read_does_not_contradict():
    text = 'The form is {"wanted": "example"}. {"wanted": 1} As in {"wanted": "example"}.'
    assert read_agreed(text, "wanted", read_wanted, stance=lambda wanted: wanted) == 1


def test_object_inside_a_broken_one_decides_nothing():
    text = '{"note": "it says {"wanted": 1} here", "wanted": 0}'
    with pytest.raises(MalformedReply, match="inside a broken"):
        read_agreed(text, "wanted", read_wanted, stance=lambda wanted: wanted)


def read_wanted(values):
    if values["wanted"] not in (0, 1):
        raise MalformedReply("not 0 or 1")
    return values["wanted"]
