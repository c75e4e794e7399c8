"""A server's log: its last lines as plain text, and what they say about why it died."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

TAIL_BYTES = 64_000
LINE_MAX = 400

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_REASONS: tuple[tuple[str, str], ...] = (
    (
        r"out of memory|OutOfMemoryError|No available memory for the cache|Free memory on device"
        r"|Cannot allocate memory",
        "there is too little free memory on its device: give it other GPUs, a shorter max length, or the extra "
        "argument --gpu-memory-utilization with a smaller share",
    ),
    (
        r"larger than the maximum number of tokens that can be stored in KV cache|KV cache is needed, which is larger",
        "its memory does not hold one request of that length: give a shorter max length",
    ),
    (r"address already in use", "its port is taken: give another port"),
    (
        r"unrecognized arguments?|: error: argument|invalid choice|No such option",
        "it does not know one of its arguments: look at the extra arguments",
    ),
    (
        r"is not a local folder and is not a valid model identifier|Repository Not Found|LocalEntryNotFound"
        r"|couldn't connect to 'https://|does not appear to have a file named config|Invalid repository ID"
        r"|offline mode is enabled|model path does not exist",
        "it did not find the model: check its name or folder; a name on a hub has to be downloaded first",
    ),
    (r"gated repo|401 Client Error", "the model needs a licence to be accepted or a token: log in to its hub"),
    (
        r"Failed to infer device type|Found no NVIDIA driver|no CUDA-capable device|No CUDA GPUs are available",
        "it found no GPU that it can use",
    ),
    (
        r"No module named|ModuleNotFoundError|PackageNotFoundError",
        "its installation is not complete; see requirements-vllm.txt",
    ),
)
_RAISED = re.compile(r"\b[A-Za-z_.]*(?:Error|Exception)\b: .+")
"""How a Python program names what went wrong; servers write it behind a time and a process of their own."""

_SAYS_ERROR = re.compile(r"error|exception|fatal|cannot|failed", re.I)


def read_tail(path: Path, lines: int = 20) -> list[str]:
    """The last lines without escape codes; [] when there is no log."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            content = file.read()
    except OSError:
        return []
    text = _ESCAPES.sub("", content.decode("utf-8", "replace"))
    # A progress bar rewrites its line with carriage returns; only what stood there last is kept.
    kept = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    clean = [_CONTROLS.sub("", line).rstrip()[:LINE_MAX] for line in kept]
    return [line for line in clean if line][-lines:]


def explain_death(tail: Sequence[str], exit_code: int | None) -> str:
    """Why a server ended, as a clause: what its log says, else its last words, and how it ended where that is known."""
    text = "\n".join(tail)
    for pattern, reason in _REASONS:
        if re.search(pattern, text, re.I):
            return reason
    said = _find_last_words(tail)
    if exit_code is not None and exit_code < 0:
        return f"it was ended by signal {-exit_code}" + (" (often: no memory left)" if exit_code == -9 else "")
    ended = f"it ended with exit code {exit_code}" if exit_code is not None else "it ended"
    return f"{ended}; its log says: {said}" if said else f"{ended} and left no word in its log"


def _find_last_words(tail: Sequence[str]) -> str:
    """The first exception in what is left of the log, for the later ones follow from it; else a line about an error."""
    raised = (match.group() for line in tail if "WARNING" not in line and (match := _RAISED.search(line)))
    said = next(raised, "") or next((line for line in reversed(tail) if _SAYS_ERROR.search(line)), "")
    return (said or (tail[-1] if tail else "")).strip().rstrip(".")
