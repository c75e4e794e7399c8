"""Plans and commands: every word stays one word."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autodata.errors import BadInput
from autodata.serving.plan import ServerPlan, build_command, build_environment, make_plan

PROGRAM = (sys.executable,)


def plan(**changes: object) -> ServerPlan:
    return make_plan({"name": "weak", "model": "org/model-4b", "command": PROGRAM} | changes)


def test_seat_name_brings_its_seat_and_port():
    assert (plan().seats, plan().port, plan(name="strong").port) == (("weak",), 8001, 8002)


def test_other_name_plays_no_seat_by_itself():
    assert plan(name="shared").seats == ()


def test_vllm_options_follow_the_program():
    words = build_command(plan(port=9001, data_parallel=2, gpus=(0, 3), max_len=8192, extra=("--enforce-eager",)))
    assert words[1:] == [
        *("org/model-4b", "--host", "127.0.0.1", "--port", "9001"),
        *("--data-parallel-size", "2", "--max-model-len", "8192", "--enforce-eager"),
    ]


def test_folder_is_served_under_its_last_name(tmp_path: Path):
    words = build_command(plan(model=str(tmp_path)))
    assert words[words.index("--served-model-name") + 1] == tmp_path.name


def test_whole_command_is_filled_in_and_gets_no_option():
    own = (*PROGRAM, "-m", "server", "--model={model}", "--port", "{port}", "--ctx", "{max_len}")
    words = build_command(plan(command=own, max_len=4096, port=9001, extra=("--more",)))
    assert words[1:] == ["-m", "server", "--model=org/model-4b", "--port", "9001", "--ctx", "4096", "--more"]


@pytest.mark.parametrize("extra", ["; rm -rf /", "$(id)", "a b", "'quoted'", "`x`", "--x=*"])
def test_argument_with_shell_signs_stays_one_word(extra: str):
    assert build_command(plan(extra=(extra,)))[-1] == extra


def test_gpus_reach_the_environment_and_nothing_else_is_lost():
    made = build_environment(plan(gpus=(2, 0)), "token", {"HOME": "/h"})
    assert (made["CUDA_VISIBLE_DEVICES"], made["HOME"], made["AUTODATA_SERVER"]) == ("2,0", "/h", "token")


def test_no_gpus_leave_the_choice_to_the_environment():
    assert "CUDA_VISIBLE_DEVICES" not in build_environment(plan(), "token", {})


def test_vllm_that_is_not_installed_is_explained(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(BadInput, match=r"pip install -r requirements-vllm\.txt"):
        build_command(plan(command=("vllm", "serve")))


def test_other_program_that_is_not_there_is_named():
    with pytest.raises(BadInput, match="there is no program 'no-such-server'"):
        build_command(plan(command=("no-such-server",)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": ""}, "give a model"),
        ({"model": "--trust-remote-code"}, "give a model"),
        ({"port": 0}, "port"),
        ({"name": "../x"}, "letters, digits"),
        ({"gpus": (0, 0)}, "different numbers"),
        ({"gpus": (0,), "data_parallel": 2}, "needs as many GPUs"),
        ({"command": ()}, "empty"),
        ({"extra": ("a\0b",)}, "zero byte"),
        ({"command": (*PROGRAM, "{port}"), "max_len": 10}, "no {max_len} to put it in"),
        ({"seats": ("nobody",)}, "seats"),
    ],
)
def test_plan_that_cannot_be_is_refused_with_the_reason(changes: dict[str, object], words: str):
    with pytest.raises(BadInput) as caught:
        plan(**changes)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:8001/v1"), ("::1", "http://[::1]:8001/v1"), ("gpu1", "http://gpu1:8001/v1")],
)
def test_address_is_one_that_can_be_called(host: str, url: str):
    assert plan(host=host).base_url == url
