import json

from autodata.errors import ProviderFailure
from autodata.loop import run_source
from tests.support.drafts import SOURCE
from tests.support.legal import EXTRACT, LegalStage

REFUSAL = EXTRACT | {"suitable_for_synthetic_question": False, "suitability_note": "It sets dates only."}


async def run(stage):
    journal, context = stage.open()
    with journal:
        outcome = await run_source(SOURCE, context)
        await context.recorder.drain()
    return outcome


async def test_extract_is_committed_before_the_task_and_sent_to_the_writer(tmp_path):
    stage = LegalStage(tmp_path)
    assert await run(stage) == "accepted"
    (record,) = stage.records("extract")
    assert record["extract"]["holdings"] == EXTRACT["holdings"]
    writer = next(body for role, body in stage.transport.calls if role == "challenger")
    assert EXTRACT["holdings"][0] in writer["messages"][1]["content"]
    assert writer["messages"][1]["content"].startswith("MODE: NEW")


async def test_unsuitable_source_is_skipped_with_the_reason_and_nobody_writes(tmp_path):
    stage = LegalStage(tmp_path, extractor=lambda n, body: json.dumps(REFUSAL))
    assert await run(stage) == "skipped"
    (end,) = stage.records("source_done")
    assert (end["outcome"], end["reason"], end["rounds"]) == ("skipped", "It sets dates only.", 0)
    assert {role for role, _ in stage.transport.calls} == {"extractor"}


async def test_malformed_extract_is_asked_again_with_another_seed(tmp_path):
    stage = LegalStage(tmp_path, extractor=lambda n, body: "no idea" if n == 0 else json.dumps(EXTRACT))
    assert await run(stage) == "accepted"
    seeds = [body["seed"] for role, body in stage.transport.calls if role == "extractor"]
    assert len(set(seeds)) == 2


async def test_extract_that_stays_malformed_is_undecided_not_skipped(tmp_path):
    stage = LegalStage(tmp_path, extractor=lambda n, body: "no idea")
    assert await run(stage) == "undecided"
    assert stage.transport.count("extractor") == 3
    assert "extractor" in stage.records("source_done")[0]["reason"]


async def test_endpoint_that_fails_leaves_the_source_undecided(tmp_path):
    failure = ProviderFailure("server_error", "upstream failed", status=500)
    stage = LegalStage(tmp_path, extractor=lambda n, body: failure)
    assert await run(stage) == "undecided"
    assert "server_error" in stage.records("source_done")[0]["reason"]


async def test_resumed_source_does_not_ask_again(tmp_path):
    stage = LegalStage(tmp_path, loop_judge=lambda n, body: "no idea" if n < 3 else json.dumps({}))
    assert await run(stage) == "undecided"
    await run(stage)
    assert stage.transport.count("extractor") == 1
