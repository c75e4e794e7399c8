"""The simulated server's dialect: models, errors, usage, faults."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from autodata.llm.simulator import MODELS, Faults
from tests.support.sim_chat import render, run_sim


async def test_models_are_listed_and_owned_by_the_simulator() -> None:
    async with run_sim() as sim:
        listed = await (await sim.client.get("/v1/models")).json()
    assert [entry["id"] for entry in listed["data"]] == list(MODELS)
    assert {entry["owned_by"] for entry in listed["data"]} == {"autodata-simulated"}


async def test_health_answers() -> None:
    async with run_sim(seed=9) as sim:
        health = await (await sim.client.get("/health")).json()
    assert health["status"] == "ok"
    assert health["fingerprint"] == "autodata-simulated-9-v1"


@pytest.mark.parametrize("model", MODELS)
async def test_every_model_passes_the_seat_test(model: str) -> None:
    async with run_sim(seed=3) as sim:
        reply = await sim.chat(model, "Reply with: ok", max_tokens=5)
    assert reply["choices"][0]["message"]["content"] == "ok"
    assert reply["model"] == model
    assert reply["system_fingerprint"] == "autodata-simulated-3-v1"


async def test_usage_counts_prompt_and_completion() -> None:
    async with run_sim() as sim:
        usage = (await sim.chat("sim-weak", "Reply with: ok"))["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (4, 1, 5)


async def test_unknown_model_is_404_and_names_the_models_there_are() -> None:
    async with run_sim() as sim:
        reply = await sim.chat("gpt-9", "hello")
    assert reply["status"] == 404
    assert reply["error"]["code"] == "model_not_found"
    assert "sim-weak" in reply["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"model": "sim-weak"},
        {"model": "sim-weak", "messages": []},
        {"model": "sim-weak", "messages": [{"role": "user"}]},
        {"model": "sim-weak", "messages": [{"role": "pirate", "content": "x"}]},
        {"model": "sim-weak", "messages": [{"role": "user", "content": "x"}], "max_tokens": 0},
        {"model": "sim-weak", "messages": [{"role": "user", "content": "x"}], "seed": "7"},
        {"model": "sim-weak", "messages": [{"role": "user", "content": "x"}], "stream": True},
        {"model": 3, "messages": [{"role": "user", "content": "x"}]},
    ],
)
async def test_body_of_the_wrong_shape_is_400(body: object) -> None:
    async with run_sim() as sim:
        response = await sim.client.post("/v1/chat/completions", json=body)
        assert response.status == 400
        assert (await response.json())["error"]["message"]


async def test_body_that_is_not_json_is_400() -> None:
    async with run_sim() as sim:
        response = await sim.client.post("/v1/chat/completions", data=b"{not json")
    assert response.status == 400


async def test_content_in_parts_and_response_format_are_understood() -> None:
    async with run_sim() as sim:
        body = {
            "model": "sim-strong",
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Say ok"}]}],
            "response_format": {"type": "json_object"},
        }
        response = await sim.client.post("/v1/chat/completions", json=body)
        assert (await response.json())["choices"][0]["message"]["content"] == "ok"


async def test_rate_limit_carries_retry_after() -> None:
    async with run_sim(faults=Faults(rate_limited=1.0)) as sim:
        reply = await sim.chat("sim-weak", "Reply with: ok")
    assert reply["status"] == 429
    assert float(reply["headers"]["Retry-After"]) > 0
    assert reply["error"]["code"] == "rate_limit_exceeded"


async def test_server_error_is_500() -> None:
    async with run_sim(faults=Faults(server_error=1.0)) as sim:
        assert (await sim.chat("sim-weak", "Reply with: ok"))["status"] == 500


async def test_hang_lasts_until_the_client_gives_up() -> None:
    async with run_sim(faults=Faults(hang=1.0)) as sim:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(sim.chat("sim-weak", "Reply with: ok"), 0.3)


async def test_empty_reply_spent_its_tokens_on_reasoning() -> None:
    async with run_sim(faults=Faults(empty=1.0)) as sim:
        reply = await sim.chat("sim-weak", "Reply with: ok")
    choice = reply["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("", "length")
    assert reply["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0
    assert choice["message"]["reasoning"]


async def test_truncated_reply_says_so_and_is_shorter() -> None:
    async with run_sim() as whole, run_sim(faults=Faults(truncated=1.0)) as cut:
        prompt = render(document="A cache holds what was read before. Reads that miss go to the disk.")
        full = await whole.chat("sim-challenger", prompt, seed=1)
        part = await cut.chat("sim-challenger", prompt, seed=1)
    assert part["choices"][0]["finish_reason"] == "length"
    assert full["choices"][0]["message"]["content"].startswith(part["choices"][0]["message"]["content"])
    assert len(part["choices"][0]["message"]["content"]) < len(full["choices"][0]["message"]["content"])


async def test_malformed_breaks_agents_but_not_solvers() -> None:
    async with run_sim(faults=Faults(malformed=1.0)) as sim:
        broken = await sim.read("sim-challenger", render(document="A cache holds what was read before."), seed=1)
        answer = await sim.read("sim-weak", "Reply with: ok")
    assert '"rubric":' not in broken
    assert answer == "ok"


async def test_faults_are_drawn_per_request_so_that_a_retry_can_succeed() -> None:
    async with run_sim(faults=Faults(server_error=0.5), seed=1) as sim:
        statuses = {(await sim.chat("sim-weak", "Reply with: ok", seed=1))["status"] for _ in range(30)}
    assert statuses == {200, 500}


async def test_faults_may_be_limited_to_some_models() -> None:
    async with run_sim(faults=Faults(server_error=1.0, models=("sim-judge",))) as sim:
        assert (await sim.chat("sim-judge", "Reply with: ok"))["status"] == 500
        assert (await sim.chat("sim-weak", "Reply with: ok"))["status"] == 200


async def test_down_after_drops_connections() -> None:
    async with run_sim(faults=Faults(down_after=1)) as sim:
        assert (await sim.chat("sim-weak", "Reply with: ok"))["status"] == 200
        with pytest.raises(aiohttp.ClientError):
            await sim.chat("sim-weak", "Reply with: ok")
