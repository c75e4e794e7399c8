"""What is said at the end of a queue: never that all is decided where others still have to vote."""

from autodata.index.queries.filters import TaskFilter
from autodata.index.queries.review import Queue, ReviewProgress
from autodata.ui.review.ending import describe_end


def end(decision: str = "open", with_skipped: bool = False, **counts: int):
    values = {"total": 10, "decided": 10, "approved": 10, "rejected": 0, "flagged": 0, "skipped": 0, "open": 0}
    progress = ReviewProgress(**{**values, **counts}, seconds_per_decision=None)
    return describe_end(Queue(TaskFilter(decision=decision), with_skipped=with_skipped), progress)


def test_everything_decided():
    found = end()
    assert (found.sentence, found.note, found.way) == (
        "Queue finished: 10 decided, 0 skipped.", "All 10 tasks are decided.", "dataset",
    )  # fmt: skip


def test_skipped_tasks_come_next():
    assert end(decided=8, skipped=2, open=2).way == "skipped"


def test_what_waits_for_others_is_no_decision():
    assert end(decided=5, waiting=3, disputed=2).note == "3 wait for other reviewers, 2 for a lead."


def test_tasks_that_others_have_on_screen_come_back():
    found = end(decided=8, open=2)
    assert (found.sentence, found.way) == ("Nothing is free at the moment.", "open")
    assert found.note.startswith("2 tasks are on other reviewers’ screens")


def test_the_last_dispute_leads_back_to_what_is_open():
    found = end("disputed", decided=6, open=4)
    assert (found.sentence, found.note, found.way) == ("No votes differ any more.", "4 tasks take your vote.", "open")


def test_no_vote_of_ones_own_is_missing():
    assert end("waiting", decided=6, waiting=4).sentence == "No task waits for your vote."
