from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.sources import count_words, split_passages
from autodata.sources.passages import split_sentences

_sentence = st.lists(st.sampled_from(["alpha", "Beta", "x1", "gap", "(see", "below)"]), min_size=1, max_size=12).map(
    lambda words: " ".join(["Every", *words]) + "."
)
_paragraph = st.lists(_sentence, min_size=1, max_size=8).map(" ".join)
_heading = st.sampled_from(["# One", "## Two words", "### Three more words"])
_fence = st.just("```\ncode line\n\nmore code\n```")
_blocks = st.lists(st.one_of(_paragraph, _paragraph, _heading, _fence), min_size=1, max_size=30)


@given(blocks=_blocks, limit=st.integers(min_value=5, max_value=80))
@settings(max_examples=200, deadline=None)
def test_split_keeps_every_word_in_order(blocks: list[str], limit: int) -> None:
    text = "\n\n".join(blocks)
    assert " ".join(split_passages(text, limit)).split() == text.split()


@given(blocks=_blocks, limit=st.integers(min_value=5, max_value=80))
@settings(max_examples=200, deadline=None)
def test_split_keeps_every_paragraph_whole_that_fits(blocks: list[str], limit: int) -> None:
    passages = split_passages("\n\n".join(blocks), limit)
    for block in blocks:
        if count_words(block) <= limit - 10:  # the margin leaves room for a heading before it
            assert any(block in passage for passage in passages)


@given(blocks=_blocks, limit=st.integers(min_value=5, max_value=80))
@settings(max_examples=200, deadline=None)
def test_passage_exceeds_the_limit_only_for_a_single_sentence(blocks: list[str], limit: int) -> None:
    for passage in split_passages("\n\n".join(blocks), limit):
        if count_words(passage) > limit:
            assert len(split_sentences(passage)) == 1
            assert "\n" not in passage


@given(count=st.integers(min_value=2, max_value=60), words=st.integers(min_value=10, max_value=40))
@settings(deadline=None)
def test_passages_are_balanced_so_none_is_tiny(count: int, words: int) -> None:
    text = "\n\n".join(" ".join(["word"] * words) for _ in range(count))
    sizes = [count_words(passage) for passage in split_passages(text, 200)]
    assert max(sizes) - min(sizes) <= 100
    assert sum(sizes) == count * words


def test_short_text_is_one_passage() -> None:
    assert split_passages("# Title\n\nOne paragraph.", 700) == ["# Title\n\nOne paragraph."]


def test_text_without_words_gives_no_passage() -> None:
    assert split_passages(" \n\n ", 700) == []


def test_heading_stays_with_the_paragraph_after_it() -> None:
    text = f"{'a ' * 30}\n\n## Next\n\n{'b ' * 30}"
    first, second = split_passages(text, 40)
    assert "Next" not in first
    assert second.startswith("## Next\n\nb")


def test_blank_line_in_a_code_fence_is_no_border() -> None:
    fence = "```\nx = 1\n\ny = 2\n```"
    passages = split_passages(f"{'a ' * 9}\n\n{fence}\n\n{'b ' * 9}", 12)
    assert any(fence in passage for passage in passages)


def test_overlong_paragraph_is_cut_between_sentences() -> None:
    paragraph = " ".join(f"Sentence {n} has exactly six words." for n in range(10))
    passages = split_passages(paragraph, 20)
    assert all(passage.endswith("words.") for passage in passages)
    assert " ".join(passages) == paragraph


def test_abbreviation_ends_no_sentence() -> None:
    sentences = split_sentences("In Roe v. Marsh the court held for A. Roe. The rest, e.g. No. 5, fell away. Done.")
    assert [s.strip() for s in sentences] == [
        "In Roe v. Marsh the court held for A. Roe.",
        "The rest, e.g. No. 5, fell away.",
        "Done.",
    ]


def test_characters_count_as_words_where_words_have_no_blanks() -> None:
    assert count_words("数据库 log") == 4


def test_overlong_text_without_blanks_between_sentences_is_cut() -> None:
    assert split_passages("写入日志。先写后改。再次读取。", 6) == ["写入日志。", "先写后改。", "再次读取。"]
