"""Real server programs with models of random weights: vLLM, and llama-cpp-python's server.

Each is used where it is installed: `vllm` on the PATH or the program AUTODATA_TEST_VLLM names, and llama_cpp in this
environment or in that of the Python AUTODATA_TEST_LLAMA names. A random model writes nonsense, so what is tested is
that everything a nonsense model does ends in words and never in a score.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from typer.testing import CliRunner

from autodata.agents.request import build_body
from autodata.cli import app
from autodata.cli.output import DONE, FINDING
from autodata.errors import ProviderFailure
from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.llm.check import test_seats as check_seats
from autodata.llm.client import OpenAITransport
from autodata.llm.quirks import QuirkMemory
from autodata.llm.reply import Reply
from autodata.llm.seat import Endpoint, Seat, SeatBook, load_seats
from autodata.serving.control import start_server, stop_server, wait_for_server, watch_server
from autodata.serving.plan import ServerPlan, make_plan
from tests.serving.conftest import find_port
from tests.support.documents import write_documents

START_S = 240.0
LENGTH = 32768
MAKER = Path(__file__).with_name("tiny_models.py")
SCHEMA = {
    "type": "object",
    "properties": {"met": {"type": "integer", "enum": [0, 1]}},
    "required": ["met"],
    "additionalProperties": False,
}

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers, and the home it was started in."""

    kind: str
    home: Home
    plan: ServerPlan
    model: str

    def make_book(self, **settings: Any) -> SeatBook:
        """Challenger and verifier simulated, the rest played by the server."""
        seat = Seat(endpoint="real", model=self.model, max_tokens=60)
        made = dict.fromkeys(("weak", "strong"), seat)
        made["judge"] = seat.model_copy(update={"temperature": 0.0, "max_tokens": 200} | settings)
        for role in ("challenger", "verifier"):
            made[role] = Seat(endpoint="simulated", model=f"sim-{role}")
        real = Endpoint(base_url=self.plan.base_url, concurrency=4, timeout_s=120)
        return SeatBook(endpoints={"real": real, "simulated": Endpoint(base_url="simulated")}, seats=made)


def find_vllm() -> str | None:
    return os.environ.get("AUTODATA_TEST_VLLM") or shutil.which("vllm")


def find_llama() -> str | None:
    named = os.environ.get("AUTODATA_TEST_LLAMA")
    return named or (sys.executable if importlib.util.find_spec("llama_cpp") else None)


def make_model(python: str, kind: str, path: Path) -> None:
    done = subprocess.run([python, str(MAKER), kind, str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no model of random weights could be made: {done.stderr.strip()[-300:]}")


def plan_vllm(folder: Path) -> ServerPlan:
    program = find_vllm()
    if not program:
        pytest.skip("vLLM is not installed: no program `vllm`, and AUTODATA_TEST_VLLM names none")
    model = folder / "tiny-random"
    make_model(str(Path(program).parent / "python"), "hf", model)
    extra = ("--enforce-eager", "--max-num-seqs", "8", "--max-num-batched-tokens", str(LENGTH))
    return make_plan(
        {
            "name": "weak",
            "model": str(model),
            "port": find_port(),
            "max_len": LENGTH,
            "command": (program, "serve"),
            "extra": (*extra, "--no-enable-chunked-prefill"),
        }
    )


def plan_llama(folder: Path) -> ServerPlan:
    python = find_llama()
    if not python:
        pytest.skip("llama-cpp-python is not installed: no module llama_cpp, and AUTODATA_TEST_LLAMA names no Python")
    model = folder / "tiny-random.gguf"
    make_model(python, "gguf", model)
    server = ("-m", "llama_cpp.server", "--model", "{model}", "--model_alias", "tiny-random")
    return make_plan(
        {
            "name": "weak",
            "model": str(model),
            "served_as": "tiny-random",
            "port": find_port(),
            "max_len": LENGTH,
            "command": (python, *server, "--host", "{host}", "--port", "{port}", "--n_ctx", "{max_len}"),
        }
    )


@pytest.fixture(scope="module", params=["vllm", "llama"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp(request.param)
    plan = {"vllm": plan_vllm, "llama": plan_llama}[request.param](folder)
    home = Home(folder / "home")
    kept = dict(os.environ)
    os.environ |= {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "VLLM_CPU_KVCACHE_SPACE": "1"}
    try:
        start_server(home, plan)
        view = wait_for_server(home, "weak", START_S)
        assert view.phase == "ready", "\n".join([view.sentence, *view.tail])
        yield Served(request.param, home, plan, load_seats(home.seats).seat("weak").model)
    finally:
        os.environ.clear()
        os.environ.update(kept)
        stop_server(home, "weak")


async def ask(served: Served, text: str, quirks: QuirkMemory | None = None, **settings: Any) -> Reply:
    """One call of the judge, tried again as long as the server refuses something."""
    book = served.make_book(**settings)
    endpoint, seat = book.endpoint_of("judge"), book.seat("judge")
    transport = OpenAITransport(quirks=quirks)
    try:
        for _ in range(4):
            try:
                body = build_body(seat, [{"role": "user", "content": text}], 7, SCHEMA)
                return await transport.send(endpoint, seat, body, role="judge")
            except ProviderFailure as failure:
                if failure.kind != "refused_setting":
                    raise
        raise AssertionError("the server refuses without end")
    finally:
        await transport.close()


def test_server_took_its_seat(served: Served):
    assert served.model == "tiny-random"
    assert watch_server(served.home, "weak").phase == "ready"


async def test_every_seat_passes_its_test(served: Served):
    book = served.make_book()
    real = book.model_copy(update={"seats": {role: book.seat(role) for role in ("weak", "strong", "judge")}})
    tests = await check_seats(real)
    assert [test.message for test in tests.values() if not test.ok] == []


async def test_reply_is_read_with_its_counts(served: Served):
    reply = await ask(served, "Reply with a word.", max_tokens=20)
    assert reply.finish_reason in ("stop", "length")
    assert reply.usage.prompt_tokens
    assert reply.usage.completion_tokens is not None
    assert not reply.simulated


async def test_schema_is_kept_or_given_up_for_json(served: Served):
    reply = await ask(served, "Reply in JSON.", structured="schema", max_tokens=200)
    assert reply.content.lstrip().startswith("{")
    assert reply.adapted == (() if served.kind == "vllm" else ("json_object",))


async def test_prompt_beyond_the_window_is_refused_in_words(served: Served):
    with pytest.raises(ProviderFailure) as caught:
        await ask(served, "word " * LENGTH)
    assert caught.value.kind == "bad_request"
    assert "serve it with a larger one" in str(caught.value)


def test_run_with_nonsense_ends_undecided_and_without_a_score(served: Served, tmp_path: Path):
    seats = tmp_path / "seats.toml"
    seats.write_text(render_seats(served.make_book(structured="schema")))
    home = Home(tmp_path / "home")
    words = ["run", write_documents(tmp_path / "documents"), "--models", seats, "--home", home.root]
    limits = ["--limit", 2, "--max-rounds", 2, "--no-test-first", "--quiet"]
    result = CliRunner().invoke(app, [str(word) for word in (*words, *limits)])
    assert result.exit_code in (DONE, FINDING), result.output
    records = list(read_records(home.journal("cs-0001")))
    assert verify_journal(home.journal("cs-0001")).ok
    ends = {record.data["source"]: record.data for record in records if record.kind == "source_done"}
    assert len(ends) == 2
    assert {end["outcome"] for end in ends.values()} <= {"undecided", "exhausted"}
    assert all(end["reason"] for end in ends.values())
    assert [r.data["score"] for r in records if r.kind == "rollout" and r.data["score"] is not None] == []


def render_seats(book: SeatBook) -> str:
    return tomlkit.dumps(book.model_dump(mode="json", exclude_defaults=True))
