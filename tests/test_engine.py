from autodata.context import LoopContext
from autodata.engine import run_sources
from autodata.errors import ProviderFailure
from autodata.llm.reply import Reply
from autodata.llm.seat import Endpoint, Seat, SeatBook
from autodata.model import Source, Usage
from autodata.prices import NO_PRICES, Price, PriceTable
from autodata.recorder import Budget, Recorder
from autodata.stop_rule import NEVER, StopRule
from tests.support.scripted import ScriptedTransport, Stage, skip_sleep, write_verdicts

ROLES = ("challenger", "verifier", "weak", "strong", "judge")
REAL = SeatBook(
    endpoints={"lab": Endpoint(base_url="http://127.0.0.1:9/v1")},
    seats={role: Seat(endpoint="lab", model=f"m-{role}") for role in ROLES},
)
PRICED = PriceTable(models={f"m-{role}": Price(input=100, output=1000) for role in ROLES})
"""Every scripted call has 100 tokens in and 50 out: 0.06 a call."""
SOURCES = [Source(id=f"{n:016x}", title=f"Source {n}", text=f"Text {n} about leases and clocks.") for n in range(6)]


async def run(
    stage, *, finished=None, read_request=lambda: None, budget=None, prices=NO_PRICES, rule=NEVER, sources=SOURCES
):
    journal, context = stage.open()
    if budget:
        recorder = Recorder(
            journal,
            stage.settings.seats,
            stage.transport,
            slots=stage.settings.slots,
            budget=budget,
            prices=prices,
            sleep=skip_sleep,
        )
        context = LoopContext(context.run_id, context.settings, context.recipe, recorder)
    with journal:
        return await run_sources(sources, finished or {}, context, read_request=read_request, stop_rule=rule)


async def test_every_source_reaches_an_outcome_and_the_end_is_recorded(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    end = await run(stage)
    assert (end.state, end.totals["accepted"]) == ("done", 6)
    assert stage.records("run_ended")[0]["totals"]["calls"] == 6 * 15


async def test_finished_sources_are_counted_and_not_called(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    end = await run(stage, finished={SOURCES[0].id: "accepted", SOURCES[1].id: "exhausted"})
    assert (end.totals["accepted"], end.totals["exhausted"]) == (5, 1)
    assert len(stage.transport.calls) == 4 * 15


async def test_spent_budget_pauses_the_run_at_that_many_calls(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    end = await run(stage, budget=Budget(max_calls=20))
    assert end.state == "paused"
    assert "the budget of 20 calls is spent" in end.reason
    assert len(stage.transport.calls) == 20


async def test_run_paused_by_budget_goes_on_without_repeating_a_call(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    await run(stage, budget=Budget(max_calls=20))
    done = {record["source"]: record["outcome"] for record in stage.records("source_done")}
    end = await run(stage, finished=done)
    assert (end.state, end.totals["accepted"]) == ("done", 6)
    assert len(stage.transport.calls) == 6 * 15


async def test_pause_request_ends_the_run_as_paused(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    asked = []

    def read_request():
        asked.append(1)
        return "pause"

    end = await run(stage, read_request=read_request)
    assert end.state == "paused"
    assert asked


async def test_wrong_key_fails_the_run_with_its_message(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(challenger=lambda n, body: ProviderFailure("auth", "wrong key")))
    end = await run(stage)
    assert (end.state, end.reason) == ("failed", "wrong key")


async def test_one_undecided_source_does_not_stop_the_others(tmp_path):
    down = ProviderFailure("bad_request", "context too long", status=400)
    stage = Stage(
        tmp_path,
        ScriptedTransport(
            challenger=lambda n, body: (
                down if "Text 3" in body["messages"][1]["content"] else ScriptedTransport()._answer_challenger(n, body)
            )
        ),
    )
    end = await run(stage)
    assert (end.state, end.totals["accepted"], end.totals["undecided"]) == ("done", 5, 1)


async def test_recorded_call_that_no_longer_fits_its_request_fails_the_run_with_a_sentence(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    await run(stage, budget=Budget(max_calls=3))
    changed = Stage(tmp_path, stage.transport, seed=99)
    end = await run(changed)
    assert end.state == "failed"
    assert "was made with another request" in end.reason


async def test_spent_money_pauses_the_run(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(), seats=REAL, slots=1)
    end = await run(stage, budget=Budget(max_cost=0.60), prices=PRICED)
    assert end.state == "paused"
    assert end.reason.startswith("the budget of 0.60 USD is spent")
    assert len(stage.transport.calls) == 10
    assert stage.records("run_ended")[0]["totals"]["cost"]["amount"] == 0.6


async def test_money_of_earlier_sittings_counts(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(), seats=REAL, slots=1)
    await run(stage, budget=Budget(max_cost=0.60), prices=PRICED)
    end = await run(stage, budget=Budget(max_cost=0.90), prices=PRICED)
    assert end.state == "paused"
    assert len(stage.transport.calls) == 15


async def test_calls_in_flight_are_all_that_exceeds_a_money_budget(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(), seats=REAL, slots=4)
    await run(stage, budget=Budget(max_cost=0.60), prices=PRICED)
    assert 10 <= len(stage.transport.calls) < 10 + 4


async def test_answers_without_token_counts_pause_a_run_that_has_to_keep_to_its_money(tmp_path):
    silent = Reply("weak answer", "", "stop", "m-weak", "fp", Usage())
    transport = ScriptedTransport(weak=lambda number, body: silent)
    end = await run(Stage(tmp_path, transport, seats=REAL, slots=1), budget=Budget(max_cost=1000), prices=PRICED)
    assert end.state == "paused"
    assert "cannot be kept" in end.reason
    assert "reported no token counts" in end.reason


def make_hopeless(tmp_path, **changes):
    """A stage on which every weak answer meets everything, so that no task is ever accepted."""
    transport = ScriptedTransport(judge=lambda number, body: write_verdicts(8))
    return Stage(tmp_path, transport, max_rounds=1, sources_in_flight=1, **changes)


MANY = [Source(id=f"{n:016x}", title=f"Source {n}", text=f"Text {n} about leases and clocks.") for n in range(70)]


async def test_hopeless_acceptance_rate_pauses_the_run_with_its_reason_in_the_journal(tmp_path):
    stage = make_hopeless(tmp_path)
    end = await run(stage, rule=StopRule(0.10, after=50), sources=MANY)
    assert end.state == "paused"
    assert end.totals["exhausted"] == 50
    assert stage.records("run_ended")[0]["reason"].startswith("hopeless acceptance rate: 0 of 50 sources")


async def test_hopeless_run_resumed_under_the_same_rule_pauses_again_without_a_call(tmp_path):
    stage = make_hopeless(tmp_path)
    rule = StopRule(0.10, after=50)
    await run(stage, rule=rule, sources=MANY)
    calls = len(stage.transport.calls)
    end = await run(
        stage, finished={r["source"]: r["outcome"] for r in stage.records("source_done")}, rule=rule, sources=MANY
    )
    assert (end.state, len(stage.transport.calls)) == ("paused", calls)


async def test_hopeless_run_resumed_without_the_rule_is_finished(tmp_path):
    stage = make_hopeless(tmp_path)
    await run(stage, rule=StopRule(0.10, after=50), sources=MANY)
    end = await run(stage, finished={r["source"]: r["outcome"] for r in stage.records("source_done")}, sources=MANY)
    assert (end.state, end.totals["exhausted"]) == ("done", 70)


async def test_rule_that_speaks_after_the_last_source_changes_nothing(tmp_path):
    end = await run(make_hopeless(tmp_path), rule=StopRule(0.10, after=50), sources=MANY[:50])
    assert end.state == "done"


async def test_several_sources_at_once_stop_at_the_rule_and_lose_nothing(tmp_path):
    stage = make_hopeless(tmp_path)
    stage.settings = stage.settings.model_copy(update={"sources_in_flight": 16})
    await run(stage, rule=StopRule(0.10, after=50), sources=MANY)
    done = {record["source"]: record["outcome"] for record in stage.records("source_done")}
    end = await run(stage, finished=done, sources=MANY)
    assert end.totals["exhausted"] == 70
    keys = [record["key"] for record in stage.records("call")]
    assert len(keys) == len(set(keys))
