"""The end of a log, and why a server died."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodata.serving.log import explain_death, read_tail


def test_tail_is_the_last_lines_without_escape_codes(tmp_path: Path):
    path = tmp_path / "a.log"
    path.write_bytes(b"first\n\x1b[31msecond\x1b[0m\n\x1b]0;owned\x07third\x07\n\n")
    assert read_tail(path, 2) == ["second", "third"]


def test_progress_bar_is_its_last_state(tmp_path: Path):
    path = tmp_path / "a.log"
    path.write_bytes(b"loading 10%\rloading 90%\r\n")
    assert read_tail(path) == ["loading 90%"]


def test_long_log_is_read_from_its_end(tmp_path: Path):
    path = tmp_path / "a.log"
    path.write_bytes(b"x" * 300_000 + b"\nlast\n")
    assert read_tail(path, 1) == ["last"]


def test_log_that_is_not_there_has_no_lines(tmp_path: Path):
    assert read_tail(tmp_path / "none.log") == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", "too little free memory"),
        ("ValueError: To serve at least one request, 9 GiB KV cache is needed, which is larger than", "shorter max"),
        ("OSError: [Errno 98] Address already in use", "its port is taken"),
        ("vllm: error: unrecognized arguments: --foo", "one of its arguments"),
        ("OSError: x is not a local folder and is not a valid model identifier", "did not find the model"),
        ("ValueError: Model path does not exist: /m.gguf", "did not find the model"),
        ("RuntimeError: Failed to infer device type", "no GPU"),
        ("ModuleNotFoundError: No module named 'vllm'", "installation is not complete"),
    ],
)
def test_known_reason_is_said_with_what_to_do(line: str, words: str):
    assert words in explain_death(["INFO starting", line, "INFO bye"], 1)


def test_unknown_reason_is_the_first_exception():
    tail = [
        "WARNING OSError: never mind",
        "(Worker pid=1) ERROR 11-21 core.py:1512] RuntimeError: generator has no offset",
        "(API pid=2) ERROR 11-21 async.py:906] EngineDeadError: see stack trace (above)",
        "INFO: 127.0.0.1 - 500 Internal Server Error",
    ]
    assert explain_death(tail, 1) == "it ended with exit code 1; its log says: RuntimeError: generator has no offset"


def test_signal_is_named():
    assert "signal 9 (often: no memory left)" in explain_death(["INFO"], -9)


def test_silent_end_is_said():
    assert explain_death([], None) == "it ended and left no word in its log"
