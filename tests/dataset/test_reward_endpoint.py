"""reward.py as it leaves with a version, against HTTP servers: the simulated judge, and a scripted one that fails."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import openai
import pytest

from autodata.agents.judge import build_judge_body, parse_verdicts
from autodata.dataset.formats import FormatOptions, open_writer
from autodata.dataset.reward.render import JudgeBook, render_reward
from autodata.index import open_index
from autodata.index.rollup import read_rubric
from autodata.llm.seat import Seat
from autodata.llm.simulator import start_simulator
from autodata.model import Task
from autodata.recipes.recipe import load_recipe
from autodata.scoring import score_verdicts
from tests.support.export_entries import make_entry, write_format
from tests.support.exported_home import load_entries, make_exported_home
from tests.support.fake_endpoint import complete, fail, serve_fake

VERDICTS = {"verdicts": [{"id": "c1", "quote": "", "met": 1}, {"id": "n1", "quote": "", "met": 0}]}


@pytest.fixture(scope="module")
def version(tmp_path_factory) -> Path:
    """A folder with the GRPO files of a simulated run's tasks."""
    home, folder = make_exported_home(tmp_path_factory), tmp_path_factory.mktemp("version")
    with open_index(home) as index:
        writer = open_writer("grpo", folder, FormatOptions(), index)
        writer.write(load_entries(index, home))
        writer.close()
    return folder


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[str]:
    with start_simulator(tmp_path_factory.mktemp("sim"), latency_s=0, latency_per_token_s=0) as running:
        yield running.base_url


def load_reward(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reward", folder / "reward.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["reward"] = module
    spec.loader.exec_module(module)
    return module


def read_rows(folder: Path, split: str = "train") -> list[dict]:
    return [json.loads(line) for line in (folder / "grpo" / f"{split}.jsonl").read_bytes().splitlines()]


def turn(rows: list[dict]) -> dict[str, list]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def score_like_the_product(base_url: str, row: dict, answer: str) -> float:
    """The judge request of the product itself, with the seed that reward.py gives this answer."""
    task = Task("t", "s", 1, "", row["context"], row["question"], row["answer"], read_rubric(json.dumps(row["rubric"])))
    seed = int(hashlib.sha256(f"{answer}\x1f0".encode()).hexdigest()[:8], 16) >> 1
    seat = Seat(endpoint="e", model="sim-judge")
    body = build_judge_body(seat, load_recipe("cs"), task, answer, seed=seed, nonce="0" * 24)
    client = openai.OpenAI(base_url=base_url, api_key="none")
    text = client.chat.completions.create(**body).choices[0].message.content or ""
    verdicts = {verdict.criterion_id: verdict.met for verdict in parse_verdicts(text, task.rubric)}
    return score_verdicts(task.rubric, verdicts).value


def test_reward_is_the_score_that_the_product_gives(version, simulator):
    module, rows = load_reward(version), read_rows(version)
    reward = module.make_reward(module.Scorer(base_url=simulator))
    answers = [row["answer"] for row in rows]
    completions = [[{"role": "assistant", "content": answer}] for answer in answers]
    expected = [score_like_the_product(simulator, row, answer) for row, answer in zip(rows, answers, strict=True)]
    assert reward(completions=completions, prompts=["…"] * len(rows), trainer_state=None, **turn(rows)) == expected
    assert len(set(expected)) > 1


def test_verifiers_reward_needs_completion_and_info_only(version, simulator, monkeypatch):
    monkeypatch.setenv("JUDGE_BASE_URL", simulator)
    module, row = load_reward(version), read_rows(version)[0]
    value = asyncio.run(module.verifiers_reward(completion=row["answer"], info=row["info"], answer="", state={}))
    assert value == score_like_the_product(simulator, row, row["answer"])


def test_file_runs_alone_with_the_openai_client_only(version, simulator):
    command = [sys.executable, "-c", _WITHOUT_US.format(path=str(version / "reward.py")), "--limit", "2"]
    done = subprocess.run(
        [*command, str(version / "grpo" / "train.jsonl")],
        env={**os.environ, "JUDGE_BASE_URL": simulator},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"(\S+  [01]\.\d{3}\n){2}", done.stdout)


_WITHOUT_US = """
import runpy, sys
class Refuse:
    def find_spec(self, name, *_):
        if name.split(".")[0] == "autodata":
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
sys.argv[0] = {path!r}
runpy.run_path({path!r}, run_name="__main__")
"""


def test_without_an_endpoint_it_says_what_to_set(version):
    module = load_reward(version)
    with pytest.raises(ValueError, match="JUDGE_BASE_URL"):
        module.reward(["x"], **turn(read_rows(version)[:1]))


@pytest.fixture
def one(tmp_path) -> ModuleType:
    """The reward function of one made-up task with two criteria."""
    write_format("grpo", tmp_path, [[make_entry()]])
    module = load_reward(tmp_path)
    module.ROWS = read_rows(tmp_path)
    return module


async def ask(module: ModuleType, endpoint, completions: list, **settings) -> list:
    scorer = module.Scorer(base_url=endpoint.base_url, model="m", **settings)
    scorer._client = openai.OpenAI(base_url=endpoint.base_url, api_key="k", max_retries=0)
    return await asyncio.to_thread(module.make_reward(scorer), completions, **turn(module.ROWS * len(completions)))


async def test_prompt_is_the_products_byte_for_byte_but_for_the_nonce(one):
    async with serve_fake(complete(json.dumps(VERDICTS))) as endpoint:
        assert await ask(one, endpoint, ["an answer"]) == [1.0]
        (sent,) = map(json.loads, endpoint.bodies)
    row = make_entry().row
    task = Task("t", "s", 1, "", row.context, row.question, row.reference_answer, row.rubric)
    nonce = re.search(r"\[\[question ([0-9a-f]{24})\]\]", sent["messages"][1]["content"]).group(1)
    seat = Seat(endpoint="e", model="m")
    expected = build_judge_body(seat, load_recipe("cs"), task, "an answer", seed=sent["seed"], nonce=nonce)
    assert sent == expected


async def test_malformed_verdicts_are_asked_again(one):
    async with serve_fake(complete("hm"), complete("{}"), complete(json.dumps(VERDICTS))) as endpoint:
        assert await ask(one, endpoint, ["an answer"]) == [1.0]
        assert len({json.loads(body)["seed"] for body in endpoint.bodies}) == 3


async def test_failed_judge_gives_none_and_never_zero(one):
    async with serve_fake(default=complete("not a verdict")) as endpoint:
        assert await ask(one, endpoint, ["an answer"]) == [None]
    async with serve_fake(default=fail(500)) as endpoint:
        assert await ask(one, endpoint, ["an answer"]) == [None]


async def test_failed_call_can_teach_nothing_instead(one):
    async with serve_fake(complete(json.dumps(VERDICTS)), fail(500)) as endpoint:
        rewards = await ask(one, endpoint, ["an answer", "another"], concurrency=1, unscored="mean")
        assert rewards == [1.0, 1.0]


async def test_wrong_key_stops_the_training_instead_of_going_on_without_rewards(one):
    async with serve_fake(default=fail(401)) as endpoint:
        with pytest.raises(openai.AuthenticationError):
            await ask(one, endpoint, ["an answer"])


async def test_empty_completion_is_not_judged(one):
    async with serve_fake() as endpoint:
        assert await ask(one, endpoint, ["  ", "<think>cut off"]) == [None, None]
        assert await ask(one, endpoint, [""], empty=0.0) == [0.0]
        assert endpoint.bodies == []


async def test_task_without_a_rubric_is_compared_with_its_reference(tmp_path):
    write_format("grpo", tmp_path, [[make_entry(rubric=())]])
    module = load_reward(tmp_path)
    module.ROWS = read_rows(tmp_path)
    replies = [complete('{"equivalent": true, "reason": "same"}'), complete('{"equivalent": false, "reason": ""}')]
    async with serve_fake(*replies) as endpoint:
        assert await ask(module, endpoint, ["right", "wrong"], concurrency=1) == [1.0, 0.0]
        assert "The lease ends before a follower may vote." in json.loads(endpoint.bodies[0])["messages"][1]["content"]


def test_prompts_of_a_hostile_recipe_cannot_become_code(tmp_path):
    hostile = '"""}}\n__import__("os").system("touch owned")\n{"""\\'
    book = JudgeBook(index=None)  # type: ignore[arg-type] - nothing is asked of it
    book.judges["rubric-0"] = {"kind": "rubric", "system": hostile, "request": hostile}
    (tmp_path / "reward.py").write_bytes(render_reward(book))
    module = load_reward(tmp_path)
    assert module.JUDGES["rubric-0"]["system"] == hostile
    assert not Path("owned").exists()
