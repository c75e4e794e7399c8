from statistics import median

import pytest

from benchmarks.latencies import draw_latency, find_ideal, is_rejected


def make_call(role, seconds_of, *, source="a", round_number=1, attempt=0, subject=""):
    request = {"model": f"fixed-{role}", "messages": seconds_of}
    return {
        "source": source, "round": round_number, "role": role, "attempt": attempt, "subject": subject,
        "request": request,
    }  # fmt: skip


def draw(calls):
    return [draw_latency(call["request"], "staged", 0.0) for call in calls]


def test_latency_depends_on_the_request_alone():
    body = {"model": "fixed-weak", "seed": 3}
    assert draw_latency(body, "staged", 0.0) == draw_latency(dict(reversed(body.items())), "staged", 1.0)


def test_staged_latencies_have_the_published_median():
    drawn = [draw_latency({"model": "fixed-challenger", "seed": n}, "staged", 0.0) for n in range(2000)]
    assert median(drawn) == pytest.approx(10.1 / 20, rel=0.05)


@pytest.mark.parametrize(("profile", "share"), [("staged", 0.3), ("fixed", 0.0)])
def test_share_of_rounds_rejected(profile, share):
    rejected = sum(is_rejected({"model": "fixed-challenger", "seed": n}, profile) for n in range(2000))
    assert rejected / 2000 == pytest.approx(share, abs=0.03)


def test_ideal_of_many_sources_is_their_work_over_the_slots():
    calls = [make_call("challenger", str(n), source=str(n)) for n in range(50)]
    ideal = find_ideal(calls, "staged", 4)
    assert ideal.seconds == pytest.approx(sum(draw(calls)) / 4)


def test_ideal_of_one_source_is_its_chain_whatever_the_slots():
    first, check = make_call("challenger", "c"), make_call("verifier", "v")
    rollouts = [
        [make_call("weak", f"w{n}", attempt=n), make_call("judge", f"j{n}", attempt=n, subject="weak")]
        for n in range(3)
    ]
    again = make_call("challenger", "c2", round_number=2)
    calls = [first, check, *(call for pair in rollouts for call in pair), again]
    chain = sum(draw([first, check, again])) + max(sum(draw(pair)) for pair in rollouts)
    assert find_ideal(calls, "staged", 64).seconds == pytest.approx(chain)
