"""What votes come to: the latest of one person, a quorum that agrees, or a lead's last word."""

from hypothesis import given
from hypothesis import strategies as st

from autodata.votes import SETTLED, Vote, settle_votes


def cast(reviewer: str, verdict: str = "approve", quorum: int = 2, **more) -> Vote:
    cast.number += 1
    return Vote(f"d{cast.number}", reviewer, verdict, quorum, **more)


cast.number = 0


def stand(*votes: Vote) -> str:
    return settle_votes(votes).standing


def test_no_vote_leaves_a_task_open():
    assert stand() == "open"


def test_one_decision_is_enough_without_a_quorum():
    assert stand(cast("Ada", "reject", 1)) == "rejected"


def test_the_latest_decision_counts_without_a_quorum():
    assert stand(cast("Ada", "reject", 1), cast("Bo", "approve", 1)) == "approved"


def test_a_second_opinion_does_not_count_without_a_quorum():
    assert stand(cast("Ada", "reject", 1), cast("Bo", "approve", 1, second_opinion=True)) == "rejected"


def test_a_skip_opens_a_decided_task_again_without_a_quorum():
    assert stand(cast("Ada", "approve", 1), cast("Ada", "skip", 1)) == "skipped"


def test_one_vote_of_two_waits():
    assert settle_votes([cast("Ada")]).standing == "waiting"


def test_two_votes_of_two_that_agree_settle_the_task():
    assert stand(cast("Ada"), cast("Bo")) == "approved"


def test_two_votes_that_differ_are_disputed():
    assert stand(cast("Ada"), cast("Bo", "reject")) == "disputed"


def test_the_same_person_votes_once():
    assert stand(cast("Ada"), cast("Ada", "reject"), cast("Ada")) == "waiting"


def test_a_changed_vote_can_settle_a_dispute():
    assert stand(cast("Ada"), cast("Bo", "reject"), cast("Bo", "approve")) == "approved"


def test_a_skip_is_no_vote():
    assert stand(cast("Ada"), cast("Bo", "skip")) == "waiting"


def test_a_lead_settles_a_dispute_against_the_majority():
    lead = cast("Lea", "reject", adjudicates=True)
    settled = settle_votes([cast("Ada"), cast("Bo"), lead])
    assert (settled.standing, settled.deciding) == ("rejected", lead.decision_id)


def test_a_later_vote_does_not_undo_a_lead():
    assert stand(cast("Ada"), cast("Lea", "reject", adjudicates=True), cast("Bo"), cast("Cy")) == "rejected"


def test_raising_the_quorum_opens_nothing_again():
    assert stand(cast("Ada", "approve", 1)) == "approved"


def test_the_quorum_of_the_latest_vote_is_the_one_needed():
    assert settle_votes([cast("Ada", "approve", 1), cast("Bo", "approve", 3)]).needed == 3


@given(st.permutations([("Ada", "approve"), ("Bo", "approve"), ("Cy", "reject")]))
def test_the_order_of_different_people_does_not_matter_under_a_quorum(order):
    assert stand(*(cast(name, verdict, 3) for name, verdict in order)) == "disputed"


@given(
    st.lists(
        st.tuples(st.sampled_from(["Ada", "Bo", "Cy"]), st.sampled_from([*SETTLED, "skip"]), st.integers(1, 3)),
        max_size=8,
    )
)
def test_the_deciding_vote_says_what_stands(given_votes):
    votes = [cast(*vote) for vote in given_votes]
    settled = settle_votes(votes)
    deciding = next((vote for vote in votes if vote.decision_id == settled.deciding), None)
    assert settled.standing in ("open", "waiting", "disputed", "skipped") or (
        deciding is not None and SETTLED[deciding.verdict] == settled.standing
    )
