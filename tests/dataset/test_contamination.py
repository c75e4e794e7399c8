"""Text that a task shares with a benchmark: found word for word, shown where it stands, files named when unreadable."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.dataset.contamination import NGRAM, load_benchmark
from autodata.errors import BadInput

SENTENCE = "A leader that holds a lease may answer reads alone until the moment when its own clock says that it ends"
words = st.text(alphabet="abcdefgh", min_size=1, max_size=5)


def write_lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_copied_sentence_is_found_with_its_place(tmp_path):
    file = write_lines(
        tmp_path / "bench.jsonl", {"q": "something else altogether, of no more than these ten words"}, {"q": SENTENCE}
    )
    text = f"Before it.  {SENTENCE.upper().replace(' ', ', ')}! After it."
    (overlap,) = load_benchmark([file]).find_overlaps({"question": text})
    assert (overlap.field, overlap.benchmark, overlap.row) == ("question", "bench.jsonl", 2)
    assert overlap.text == text[overlap.start : overlap.end]
    assert (overlap.text.split()[0], overlap.text.split()[-1]) == ("A,", "ENDS")
    assert overlap.words == len(SENTENCE.split())


def test_twelve_words_are_not_thirteen(tmp_path):
    file = write_lines(tmp_path / "bench.jsonl", {"q": SENTENCE})
    twelve = " ".join(SENTENCE.split()[: NGRAM - 1])
    assert load_benchmark([file]).find_overlaps({"question": f"{twelve} otherwise"}) == ()


def test_short_benchmark_text_is_looked_for_as_a_whole(tmp_path):
    file = write_lines(tmp_path / "bench.jsonl", {"q": "Name the largest prime below one hundred"}, {"q": "Why?"})
    benchmark = load_benchmark([file])
    assert benchmark.find_overlaps({"question": "Now name the largest prime below one hundred."})
    assert benchmark.find_overlaps({"question": "Name the largest prime. Why?"}) == ()
    assert benchmark.files[0].short == 1


@given(st.lists(words, min_size=NGRAM, max_size=60), st.lists(words, max_size=20), st.lists(words, max_size=20))
def test_whatever_was_copied_is_found(tmp_path_factory, copied, before, after):
    file = tmp_path_factory.mktemp("bench") / "bench.txt"
    file.write_text(" ".join(copied))
    text = " ".join([*before, *copied, *after])
    overlaps = load_benchmark([file]).find_overlaps({"context": text})
    assert sum(overlap.words for overlap in overlaps) >= NGRAM
    assert all(text[one.start : one.end].startswith(one.text.rstrip("…")) for one in overlaps)


@given(st.lists(words, min_size=NGRAM, max_size=40))
def test_text_of_other_words_shares_nothing(tmp_path_factory, other):
    file = tmp_path_factory.mktemp("bench") / "bench.txt"
    file.write_text(SENTENCE)
    assert load_benchmark([file]).find_overlaps({"context": " ".join(other)}) == ()


def test_nested_values_and_parquet_are_read(tmp_path):
    pd.DataFrame([{"messages": [{"role": "user", "content": SENTENCE}]}]).to_parquet(tmp_path / "bench.parquet")
    (overlap,) = load_benchmark([tmp_path / "bench.parquet"]).find_overlaps({"question": SENTENCE})
    assert overlap.row == 1


def test_script_without_spaces_is_compared_by_character(tmp_path):
    (tmp_path / "bench.txt").write_text("領導者持有租約時可以獨自回答讀取請求直到時鐘結束")
    overlaps = load_benchmark([tmp_path / "bench.txt"]).find_overlaps(
        {"question": "問:領導者持有租約時可以獨自回答讀取請求嗎"}
    )
    assert [overlap.text for overlap in overlaps] == ["領導者持有租約時可以獨自回答讀取請求"]


def test_letters_that_grow_without_case_do_not_move_the_place(tmp_path):
    (tmp_path / "bench.txt").write_text(SENTENCE)
    text = f"İİİ ßßß {SENTENCE}"
    (overlap,) = load_benchmark([tmp_path / "bench.txt"]).find_overlaps({"question": text})
    assert text[overlap.start : overlap.end] == SENTENCE


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("bench.jsonl", b'{"q": "Why?"}\n', "holds no text of 6 words or more"),
        ("bench.parquet", b"no parquet at all", "bench.parquet"),
        ("bench.pdf", b"%PDF", "bench.pdf"),
        ("", b"", "is not a file"),
    ],
)
def test_benchmark_that_cannot_be_read_is_named(tmp_path, name, content, problem):
    if name:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=problem):
        load_benchmark([tmp_path / (name or "nothing.jsonl")])
