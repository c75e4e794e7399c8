"""Whether a final answer equals the reference: letter by letter here, by algebra in a child process with limits.

`10^(10^10)` is eight characters and no computer can hold its value: algebra on hostile text is done where it can be
ended. Children are started when first needed, kept, and replaced when one had to be ended.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from autodata.answers.notation import EXPRESSION_MAX, fold_answer

Means = Literal["text", "algebra", ""]
"""How it was decided; "" where it was not."""

ANSWER_S = 30.0
"""Seconds on the wall after which a child that ought to have ended is ended. Its own limit is processor time."""

CHILDREN = max(1, min(4, (os.cpu_count() or 1) // 2))
"""Comparisons that run at once."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`equal` is None where neither letters nor algebra decide: a reader has to."""

    equal: bool | None
    by: Means = ""


def compare_answers(reference: str, candidate: str) -> Comparison:
    """Compare two final answers. Blocks for seconds at most; call it in a thread from asynchronous code."""
    if not fold_answer(reference) or not fold_answer(candidate):
        return Comparison(None)
    if fold_answer(reference) == fold_answer(candidate):
        return Comparison(True, "text")
    if max(len(reference), len(candidate)) > EXPRESSION_MAX:
        return Comparison(None)
    verdict = _compute(reference, candidate)
    return Comparison(verdict, "" if verdict is None else "algebra")


@lru_cache(maxsize=4096)
def _compute(reference: str, candidate: str) -> bool | None:
    with _places:
        child = _take_child()
        verdict = child.ask(reference, candidate)
        _return_child(child)
    return verdict


class _Child:
    """One process that does algebra."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autodata.answers.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.alive = self._read_line(2 * ANSWER_S) == b"ready\n"

    def ask(self, reference: str, candidate: str) -> bool | None:
        """Its verdict; None where it had to be ended."""
        if self._process.stdin is None or not self.alive:
            return None
        try:
            self._process.stdin.write(json.dumps([reference, candidate]).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            line = b""
        else:
            line = self._read_line(ANSWER_S)
        if not line.endswith(b"\n"):
            self.end()
            return None
        verdict = json.loads(line)
        return verdict if isinstance(verdict, bool) else None

    def end(self) -> None:
        """Kill the process and let go of it."""
        self.alive = False
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _read_line(self, timeout_s: float) -> bytes:
        if self._process.stdout is None:
            return b""
        deadline = time.monotonic() + timeout_s
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return b""
        return self._process.stdout.readline(1_000)


_places = threading.Semaphore(CHILDREN)
_idle: list[_Child] = []
_lock = threading.Lock()


def _take_child() -> _Child:
    with _lock:
        if _idle:
            return _idle.pop()
    return _Child()


def _return_child(child: _Child) -> None:
    if child.alive:
        with _lock:
            _idle.append(child)


@atexit.register
def _end_children() -> None:
    with _lock:
        while _idle:
            _idle.pop().end()
