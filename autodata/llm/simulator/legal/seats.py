"""Which legal agent a chat call asks for, and its reply. Prompts are known by the fields they ask for."""

from __future__ import annotations

from random import Random
from typing import Literal

import orjson

from autodata.canon import derive_seed, hash_text
from autodata.llm.simulator.legal import calibration as cal
from autodata.llm.simulator.legal.extractor import extract_document
from autodata.llm.simulator.legal.loop_judge import weigh_packet
from autodata.llm.simulator.legal.writer import draw_legal_difficulty, make_latent, read_last_round, write_legal_task
from autodata.llm.simulator.tasks import TaskStore, key_of
from autodata.llm.simulator.wire import ChatCall

LegalSeat = Literal["extractor", "writer", "loop_judge", ""]

_ASKED: tuple[tuple[str, LegalSeat, str], ...] = (
    ("suitable_for_synthetic_question", "extractor", "document"),
    ("target_capabilities", "writer", "document"),
    ("grpo_suitability", "loop_judge", "packet"),
)
"""The field of the reply that only this agent is asked for, the agent, and the section it works on."""
_REWRITES = 6


def find_legal_seat(call: ChatCall, sections: dict[str, str]) -> LegalSeat:
    """The legal agent that is addressed; "" where none is."""
    instructions = call.system or call.user
    return next((seat for field, seat, section in _ASKED if field in instructions and section in sections), "")


def answer_legal(
    seat: LegalSeat, call: ChatCall, sections: dict[str, str], store: TaskStore, server_seed: int, seed: int
) -> str:
    """The reply of a legal agent; a written task is remembered. Raises ValueError for a packet that cannot be read."""
    if seat == "extractor":
        return extract_document(sections["document"])
    if seat == "loop_judge":
        return weigh_packet(sections["packet"], server_seed, seed)
    return _write(sections, store, server_seed, seed)


def _write(sections: dict[str, str], store: TaskStore, server_seed: int, seed: int) -> str:
    document, section = sections["document"], sections.get("last_round", "")
    last = read_last_round(section)
    origin = hash_text(f"{server_seed}\x1f{seed}\x1f{section}\x1f{document}")[:24]
    for rewrite in range(_REWRITES):
        rng = Random(derive_seed(origin, "legal", rewrite))
        task = write_legal_task(document, last, rng)
        known = store.get(key_of(task.question))
        if known is None or known.origin == origin:
            break
    offset = Random(derive_seed(server_seed, "legal document", document)).gauss(0, cal.SOURCE_SD)
    difficulty = draw_legal_difficulty(last, offset, rng)
    store.remember(make_latent(origin, task, difficulty, not last.tried, rng))
    return orjson.dumps(task.as_reply(), option=orjson.OPT_INDENT_2).decode()
