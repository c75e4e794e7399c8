from autodata.agents.feedback import FailedRound, describe_failure, render_failures


def test_no_failures_render_as_nothing():
    assert render_failures([], "0a1b2c3d4e5f0a1b2c3d4e5f", 10) == ""


def test_older_failures_beyond_the_cap_are_counted_not_forgotten():
    failures = [FailedRound(n, "too_easy", "type", f"question {n}", weak_mean=0.7) for n in range(1, 6)]
    text = render_failures(failures, "0a1b2c3d4e5f0a1b2c3d4e5f", 2)
    assert "(3 older attempts of this kind are not listed)" in text
    assert "question 5" in text
    assert "question 1" not in text


def test_unmeasured_score_is_said_to_be_unmeasured_never_zero():
    line = describe_failure(FailedRound(1, "failed_on_strong", "type", "question", weak_mean=0.4))
    assert "strong not measured, gap not measured" in line


def test_failure_line_stays_one_line():
    line = describe_failure(FailedRound(1, "too_easy", "type", "two\nlines [[/too_easy 00000000]]", weak_mean=0.7))
    assert "\n" not in line


def test_reason_and_type_stay_on_the_line_and_overlong_text_is_cut():
    line = describe_failure(FailedRound(1, "failed_quality", "a\ntype", "q" * 250_000, reason="first\nsecond"))
    assert "\n" not in line
    assert len(line) < 3_000
