"""The probe: a question that every model answers, to tell a silent model from a dead endpoint (paper Fig 15)."""

from __future__ import annotations

import re
from typing import Any

from autodata.agents.request import build_body
from autodata.canon import hash_text
from autodata.llm.seat import Seat

PROBE = "What is 2+2? Reply with the number."
PROBE_SHA = hash_text(PROBE)


def build_probe_body(seat: Seat, seed: int) -> dict[str, Any]:
    """The request, with the seat's own settings, so that it fails where the answers failed."""
    return build_body(seat, [{"role": "user", "content": PROBE}], seed)


def is_alive(text: str) -> bool:
    """Whether the reply shows a working model; a wrong sum would be a working one too, so any words count."""
    return re.search(r"\w", text) is not None
