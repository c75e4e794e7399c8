import random

from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import FAILURE_KINDS, RETRYABLE_KINDS, ProviderFailure
from autodata.llm.retry import RetryPlan

kinds = st.sampled_from(sorted(RETRYABLE_KINDS - {"refused_setting"}))


@given(kinds, st.integers(1, 19), st.integers())
def test_delay_is_within_the_doubling_bound(kind: str, failed_tries: int, seed: int):
    delay = RetryPlan(20).find_delay(failed_tries, ProviderFailure(kind, ""), random.Random(seed))
    assert delay is not None
    assert 0 <= delay <= min(30.0, 0.5 * 2 ** (failed_tries - 1))


@given(st.floats(0, 1e6), st.integers(1, 4))
def test_delay_is_at_least_what_the_server_asked_up_to_the_cap(asked: float, failed_tries: int):
    failure = ProviderFailure("rate_limited", "", retry_after_s=asked)
    delay = RetryPlan(5).find_delay(failed_tries, failure, random.Random(0))
    assert delay is not None
    assert min(asked, 120.0) <= delay <= 120.5


@given(kinds)
def test_last_try_is_not_followed_by_another(kind: str):
    assert RetryPlan(3).find_delay(3, ProviderFailure(kind, ""), random.Random(0)) is None


def test_failures_that_no_try_can_mend_are_not_retried():
    for kind in FAILURE_KINDS - RETRYABLE_KINDS:
        assert RetryPlan(5).find_delay(1, ProviderFailure(kind, ""), random.Random(0)) is None


def test_callers_that_failed_together_come_back_apart():
    rng, failure = random.Random(1), ProviderFailure("server_error", "")
    assert len({RetryPlan(5).find_delay(3, failure, rng) for _ in range(20)}) == 20


@given(st.integers(1, 5))
def test_refused_setting_is_tried_again_at_once_even_after_the_last_try(max_tries: int):
    failure = ProviderFailure("refused_setting", "")
    assert RetryPlan(max_tries).find_delay(max_tries, failure, random.Random(0)) == 0.0


def test_server_that_refuses_without_end_is_given_up():
    assert RetryPlan(5).find_delay(12, ProviderFailure("refused_setting", ""), random.Random(0)) is None
