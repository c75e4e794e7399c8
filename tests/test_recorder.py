"""The recorder against a real server and a real journal: written down, limited, never asked twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from autodata.canon import hash_text, hash_value
from autodata.errors import JournalDamaged, ProviderFailure, StopRequested
from autodata.journal import JournalWriter, read_records, verify_journal
from autodata.llm.client import OpenAITransport
from autodata.recorder import Budget, CallKey, Recorder, load_history
from tests.support.fake_endpoint import (
    KEY,
    KEY_ENV,
    FakeEndpoint,
    Scripted,
    complete,
    fail,
    make_body,
    make_book,
    serve_fake,
)

ROLLOUT = CallKey("src", 1, "weak")


class Sleeps:
    """Takes the place of asyncio.sleep: notes what was asked for and returns at once."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)


@asynccontextmanager
async def open_recorder(path: Path, fake: FakeEndpoint, **options: Any) -> AsyncIterator[Recorder]:
    """A recorder on the journal at `path`; endpoint settings and Recorder settings may be given together."""
    endpoint = {name: options.pop(name) for name in ("concurrency", "max_tries", "api_key_env") if name in options}
    transport = OpenAITransport()
    with JournalWriter(path) as journal:
        options.setdefault("slots", 32)
        options.setdefault("sleep", Sleeps())
        recorder = Recorder(journal, make_book(fake.base_url, **endpoint), transport, **options)
        try:
            yield recorder
        finally:
            await recorder.drain()
            await transport.close()


def ask(recorder: Recorder, key: CallKey = ROLLOUT, text: str = "hello", **options: Any) -> Any:
    return recorder.call(key, make_body(text), template_sha="t" * 64, **options)


def read_calls(path: Path) -> list[dict[str, Any]]:
    return [record.data for record in read_records(path) if record.kind == "call"]


async def wait_until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


async def test_call_record_keeps_the_whole_exchange(path: Path):
    async with serve_fake(complete("Yes.", reasoning="why")) as fake, open_recorder(path, fake) as recorder:
        key = CallKey("src", 2, "judge", 1, subject="strong", ask=1)
        call = await ask(recorder, key, extra={"answer_sha_in": "a", "rubric_sha": "r"})
    [record] = read_calls(path)
    start, end = record.pop("t_start"), record.pop("t_end")
    assert start <= end
    assert (call.reply.content, call.seq, call.replayed) == ("Yes.", 1, False)
    assert record == {
        "key": "src/2/judge/1/select/strong/1",
        "source": "src",
        "round": 2,
        "role": "judge",
        "attempt": 1,
        "purpose": "select",
        "subject": "strong",
        "ask": 1,
        "try": 1,
        "endpoint": "lab",
        "model_requested": "m-1",
        "model_returned": "m-1",
        "fingerprint": "fp-1",
        "request": make_body(),
        "request_sha": hash_value(make_body()),
        "template_sha": "t" * 64,
        "response": "Yes.",
        "reasoning": "why",
        "response_sha": hash_text("Yes."),
        "finish_reason": "stop",
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "reasoning_tokens": None, "cached_tokens": None},
        "error": None,
        "retry_of": None,
        "answer_sha_in": "a",
        "rubric_sha": "r",
        "simulated": False,
    }


async def test_failed_tries_are_recorded_and_linked(path: Path):
    script = [fail(500), Scripted(body=b"<html>"), complete("good")]
    async with serve_fake(*script) as fake, open_recorder(path, fake) as recorder:
        call = await ask(recorder)
        assert recorder.errors == {"server_error": 1, "bad_body": 1}
    calls = read_calls(path)
    assert [(c["try"], c["retry_of"], (c["error"] or {}).get("kind")) for c in calls] == [
        (1, None, "server_error"),
        (2, 1, "bad_body"),
        (3, 2, None),
    ]
    assert call.seq == 3
    assert calls[0]["response"] is None
    assert calls[0]["error"]["status"] == 500


async def test_last_failure_is_raised_when_the_tries_are_used_up(path: Path):
    async with serve_fake(default=fail(503)) as fake, open_recorder(path, fake, max_tries=3) as recorder:
        with pytest.raises(ProviderFailure) as caught:
            await ask(recorder)
        assert caught.value.kind == "server_error"
        assert len(fake.bodies) == recorder.calls == 3


@pytest.mark.parametrize(("status", "kind"), [(401, "auth"), (404, "not_found"), (400, "bad_request")])
async def test_failure_that_no_try_can_mend_is_raised_at_once(path: Path, status: int, kind: str):
    async with serve_fake(default=fail(status)) as fake, open_recorder(path, fake) as recorder:
        with pytest.raises(ProviderFailure) as caught:
            await ask(recorder)
        assert caught.value.kind == kind
        assert len(fake.bodies) == 1


async def test_retry_after_is_honoured_and_holds_the_endpoint_for_everybody(path: Path):
    sleeps = Sleeps()
    async with serve_fake(fail(429, retry_after="7")) as fake, open_recorder(path, fake, sleep=sleeps) as recorder:
        await ask(recorder)
        await ask(recorder, CallKey("other", 1, "strong"))
    own, *held = sleeps.asked
    assert 7.0 <= own <= 7.5
    assert len(held) == 2
    assert all(6.0 < seconds <= 7.1 for seconds in held)


async def test_retries_without_a_wish_back_off(path: Path):
    sleeps = Sleeps()
    async with serve_fake(default=fail(500)) as fake:
        async with open_recorder(path, fake, sleep=sleeps, max_tries=4) as recorder:
            with pytest.raises(ProviderFailure):
                await ask(recorder)
    assert len(sleeps.asked) == 3
    assert all(seconds <= 0.5 * 2**number for number, seconds in enumerate(sleeps.asked))


async def test_recorded_call_is_not_made_again(path: Path):
    async with serve_fake(complete("once", refusal="", reasoning="r")) as fake, open_recorder(path, fake) as recorder:
        first, second = await ask(recorder), await ask(recorder)
        assert len(fake.bodies) == 1
        assert (first.replayed, second.replayed, recorder.replayed) == (False, True, 1)
        assert (second.reply, second.seq) == (first.reply, first.seq)


async def test_reopened_journal_answers_without_the_server(path: Path):
    script = [fail(500), complete("a", refusal="no", reasoning="r", finish_reason="length")]
    async with serve_fake(*script) as fake:
        async with open_recorder(path, fake) as recorder:
            first = await ask(recorder)
        async with open_recorder(path, fake) as recorder:
            again = await ask(recorder)
            assert (recorder.calls, recorder.prompt_tokens, recorder.completion_tokens) == (2, 7, 3)
            assert recorder.errors == {"server_error": 1}
            assert recorder.count_calls("src", 1) == 2
        assert len(fake.bodies) == 2
    assert again.replayed
    assert (again.reply, again.seq, again.response_sha) == (first.reply, first.seq, first.response_sha)
    assert len(read_calls(path)) == 2


async def test_call_that_failed_for_good_is_made_again_after_reopening(path: Path):
    async with serve_fake(fail(500), fail(500), complete("late")) as fake:
        async with open_recorder(path, fake, max_tries=2) as recorder:
            with pytest.raises(ProviderFailure):
                await ask(recorder)
        async with open_recorder(path, fake, max_tries=2) as recorder:
            assert (await ask(recorder)).reply.content == "late"
    assert [call["retry_of"] for call in read_calls(path)] == [None, 1, 2]


async def test_key_recorded_with_another_request_is_refused(path: Path):
    async with serve_fake() as fake, open_recorder(path, fake) as recorder:
        await ask(recorder, text="one")
        with pytest.raises(JournalDamaged, match=r"src/1/weak/0/select//0 \(record 1 .* another request"):
            await ask(recorder, text="two")
        assert len(fake.bodies) == 1


async def test_different_keys_are_different_calls(path: Path):
    async with serve_fake() as fake, open_recorder(path, fake) as recorder:
        keys = [ROLLOUT, CallKey("src", 1, "weak", 1), CallKey("src", 2, "weak"), CallKey("src", 1, "strong")]
        keys += [CallKey("src", 1, "judge", subject=s, ask=a) for s in ("weak", "strong") for a in (0, 1)]
        for key in keys:
            await ask(recorder, key)
        assert len(fake.bodies) == len({key.text for key in keys}) == 8


async def test_call_budget_ends_the_run_with_numbers_and_a_remedy(path: Path):
    async with serve_fake() as fake, open_recorder(path, fake, budget=Budget(max_calls=3)) as recorder:
        results = await asyncio.gather(
            *(ask(recorder, CallKey("src", 1, "weak", number)) for number in range(9)), return_exceptions=True
        )
        stops = [result for result in results if isinstance(result, StopRequested)]
        assert (len(fake.bodies), len(stops), recorder.stopping) == (3, 6, "budget")
        assert {stop.reason for stop in stops} == {"budget"}
        assert "the budget of 3 calls is spent" in str(stops[0])
        assert "Resume with a larger one" in str(stops[0])


async def test_budget_counts_the_calls_of_earlier_sittings(path: Path):
    async with serve_fake() as fake:
        async with open_recorder(path, fake) as recorder:
            await ask(recorder)
        async with open_recorder(path, fake, budget=Budget(max_calls=1)) as recorder:
            assert (await ask(recorder)).replayed
            with pytest.raises(StopRequested, match="budget of 1 calls"):
                await ask(recorder, CallKey("src", 1, "strong"))


async def test_token_budget_ends_the_run(path: Path):
    async with serve_fake() as fake, open_recorder(path, fake, budget=Budget(max_tokens=15)) as recorder:
        for number in range(2):
            await ask(recorder, CallKey("src", 1, "weak", number))
        with pytest.raises(StopRequested, match="budget of 15 tokens is spent"):
            await ask(recorder, CallKey("src", 1, "weak", 2))


async def test_stop_lets_calls_in_flight_finish_and_sends_nothing_more(path: Path):
    async with serve_fake(default=complete("slow", delay_s=0.2)) as fake:
        async with open_recorder(path, fake, concurrency=4) as recorder:
            tasks = [asyncio.create_task(ask(recorder, CallKey("src", 1, "weak", n))) for n in range(10)]
            await wait_until(lambda: fake.in_flight == 4)
            recorder.request_stop("paused")
            recorder.request_stop("stopped")
            results = await asyncio.gather(*tasks, return_exceptions=True)
        assert len(fake.bodies) == 4
    assert [result.reason for result in results if isinstance(result, StopRequested)] == ["paused"] * 6
    assert len(read_calls(path)) == 4


async def test_stop_ends_the_wait_before_a_retry(path: Path):
    async with serve_fake(fail(429, retry_after="100")) as fake:
        async with open_recorder(path, fake, sleep=asyncio.sleep) as recorder:
            task = asyncio.create_task(ask(recorder))
            await wait_until(lambda: recorder.calls == 1)
            recorder.request_stop("signal")
            with pytest.raises(StopRequested) as caught:
                await asyncio.wait_for(task, 20)
        assert caught.value.reason == "signal"
        assert len(fake.bodies) == 1


async def test_recorded_calls_are_still_answered_while_stopping(path: Path):
    async with serve_fake() as fake, open_recorder(path, fake) as recorder:
        await ask(recorder)
        recorder.request_stop("paused")
        assert (await ask(recorder)).replayed


async def test_drain_waits_for_calls_nobody_waits_for(path: Path):
    async with serve_fake(default=complete(delay_s=0.1)) as fake:
        async with open_recorder(path, fake) as recorder:
            orphan = asyncio.create_task(ask(recorder))
            await wait_until(lambda: recorder.in_flight == 1)
            await recorder.drain()
            assert recorder.in_flight == 0
            await orphan
    assert len(read_calls(path)) == 1


async def test_concurrency_of_an_endpoint_is_never_exceeded(path: Path):
    async with serve_fake(default=complete(delay_s=0.01)) as fake:
        async with open_recorder(path, fake, concurrency=8, slots=100) as recorder:
            await asyncio.gather(*(ask(recorder, CallKey("src", 1, "weak", n)) for n in range(64)))
        assert fake.most_in_flight == 8


async def test_slots_bound_all_endpoints_together(path: Path):
    async with serve_fake(default=complete(delay_s=0.01)) as fake:
        async with open_recorder(path, fake, concurrency=64, slots=32) as recorder:
            await asyncio.gather(*(ask(recorder, CallKey("src", 1, "weak", n)) for n in range(128)))
        assert fake.most_in_flight == 32


async def test_key_is_never_in_the_journal(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(KEY_ENV, KEY)
    script = [fail(500, f"failed for {KEY}"), Scripted(body=KEY.encode()), fail(401, f"wrong key {KEY}")]
    async with serve_fake(*script) as fake, open_recorder(path, fake, api_key_env=KEY_ENV) as recorder:
        with pytest.raises(ProviderFailure):
            await ask(recorder)
        assert fake.authorizations == [f"Bearer {KEY}"] * 3
    assert KEY not in path.read_text()


async def test_same_commit_is_written_once(path: Path):
    data = {"source": "src", "round": 1, "outcome": "too_easy", "weak_scores": (0.5, None)}
    async with serve_fake() as fake:
        async with open_recorder(path, fake) as recorder:
            assert recorder.commit("round", ("src", 1), data) == 1
            assert recorder.commit("round", ("src", 1), data) is None
        async with open_recorder(path, fake) as recorder:
            assert recorder.commit("round", ("src", 1), data) is None
            assert recorder.commit("round", ("src", 2), {**data, "round": 2}) == 2


async def test_commit_that_changed_is_written_again(path: Path):
    def describe(outcome: str) -> dict[str, Any]:
        return {"source": "src", "outcome": outcome}

    async with serve_fake() as fake:
        for outcome in ("undecided", "undecided", "accepted"):
            async with open_recorder(path, fake) as recorder:
                recorder.commit("source_done", ("src",), describe(outcome))
    assert [record.data["outcome"] for record in read_records(path)] == ["undecided", "accepted"]


async def test_commit_that_changed_back_is_written_a_third_time(path: Path):
    async with serve_fake() as fake:
        for reason in ("timeout", "429", "timeout"):
            async with open_recorder(path, fake) as recorder:
                recorder.commit("round", ("src", 1), {"source": "src", "round": 1, "reason": reason})
    assert [record.data["reason"] for record in read_records(path)] == ["timeout", "429", "timeout"]


async def test_kind_without_identity_cannot_be_committed(path: Path):
    async with serve_fake() as fake, open_recorder(path, fake) as recorder:
        with pytest.raises(ValueError, match="run_ended"):
            recorder.commit("run_ended", ("src",), {"source": "src"})


async def test_texts_of_finished_sources_are_not_kept(path: Path):
    async with serve_fake() as fake, open_recorder(path, fake) as recorder:
        await ask(recorder)
        await ask(recorder, CallKey("open", 1, "weak"))
        recorder.commit("source_done", ("src",), {"source": "src", "outcome": "exhausted"})
    history = load_history(path)
    assert set(history.sources) == {"open"}
    assert (history.calls, history.prompt_tokens) == (2, 14)


async def test_progress_is_reported_after_every_attempt(path: Path):
    seen: list[int] = []
    async with serve_fake(fail(500)) as fake:
        async with open_recorder(path, fake, on_progress=lambda: seen.append(recorder.calls)) as recorder:
            await ask(recorder)
    assert seen == [1, 2]


async def test_surrogates_of_a_model_do_not_stop_the_record(path: Path):
    async with serve_fake() as fake, open_recorder(path, fake) as recorder:
        await ask(recorder, text="bad \ud800 half")
        assert recorder.commit("round", ("src", 1), {"source": "src", "round": 1, "feedback": "\udfff"}) == 2
        assert (await ask(recorder, text="bad \ud800 half")).replayed
    assert verify_journal(path).ok
    assert read_calls(path)[0]["request"]["messages"][0]["content"] == "bad \ufffd half"


async def test_absent_journal_is_an_empty_history(tmp_path: Path):
    history = load_history(tmp_path / "none.jsonl")
    assert (history.calls, history.sources) == (0, {})
