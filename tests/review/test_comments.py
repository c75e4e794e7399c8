"""Comments: threads that are answered and settled, in a journal that only grows."""

import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.review.comments import add_comment, fold_comments, settle_thread


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def say(home, text="Is c3 fair?", author="Ada", answers="", task="t1"):
    return add_comment(home, task, "r1", text, author, answers)


def read(home, task="t1"):
    return fold_comments(read_records(home.reviews)).get(task, [])


def test_a_comment_is_read_back(home):
    say(home)
    assert [(one.text, one.author, one.settled_by) for one in read(home)] == [("Is c3 fair?", "Ada", "")]


def test_an_answer_joins_the_thread_it_answers(home):
    first = say(home)
    second = say(home, "Yes.", "Bo", first)
    say(home, "Thanks.", "Ada", second)
    assert [one.answers for one in read(home)] == ["", first, first]


def test_a_settled_thread_says_by_whom(home):
    first = say(home)
    settle_thread(home, say(home, "Yes.", "Bo", first), "t1", "Bo")
    assert read(home)[0].settled_by == "Bo"


def test_an_answer_opens_a_settled_thread_again(home):
    first = say(home)
    settle_thread(home, first, "t1", "Bo")
    say(home, "Not quite.", "Ada", first)
    assert read(home)[0].settled_by == ""


def test_comments_stay_with_their_task(home):
    say(home)
    say(home, task="t2")
    assert list(fold_comments(read_records(home.reviews), "t2")) == ["t2"]


def test_an_empty_comment_is_refused(home):
    with pytest.raises(BadInput, match="empty"):
        say(home, "  ")


def test_a_comment_on_another_task_cannot_be_answered(home):
    first = say(home)
    with pytest.raises(BadInput, match="does not exist on task t2"):
        say(home, answers=first, task="t2")


def test_the_journal_stays_whole(home):
    settle_thread(home, say(home), "t1", "Ada")
    assert verify_journal(home.reviews).ok
