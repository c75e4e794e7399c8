"""The simulated models behind one function: a chat call in, text out. No network here."""

from __future__ import annotations

import secrets
from random import Random

import orjson

from autodata.canon import derive_seed, hash_text
from autodata.llm.simulator import calibration as cal
from autodata.llm.simulator.analyst import analyse_failures
from autodata.llm.simulator.auditor.seats import answer_auditor, find_auditor_seat
from autodata.llm.simulator.bias import find_leaning, sway_verdicts
from autodata.llm.simulator.challenger import (
    WrittenTask,
    draw_difficulty,
    read_feedback,
    write_task,
)
from autodata.llm.simulator.config import SimulatorConfig
from autodata.llm.simulator.craft import USUAL, Craft, read_craft
from autodata.llm.simulator.craft_effects import measure_vagueness
from autodata.llm.simulator.filter_items import (
    compare_foreign,
    credit_substance,
    improvise_item,
    strip_frame,
    write_rubric,
)
from autodata.llm.simulator.judge import grade_answer
from autodata.llm.simulator.legal.seats import LegalSeat, answer_legal, find_legal_seat
from autodata.llm.simulator.math.seats import MathSeat, answer_math, find_math_seat
from autodata.llm.simulator.outer.seats import answer_outer, is_outer
from autodata.llm.simulator.solver import Attempt, write_answer
from autodata.llm.simulator.tasks import TaskStore, key_of, make_task
from autodata.llm.simulator.text import parse_sections, strip_sections
from autodata.llm.simulator.verifier import review_task
from autodata.llm.simulator.wire import ChatCall, Written, cut_to_budget

_OK = "ok"
_REWRITES = 6
"""Attempts at a question that was not asked before."""


class SimulatedModels:
    """All models of one server. The store is the only state: it holds what the challenger has written."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.store = TaskStore(config.state_dir)

    def close(self) -> None:
        """Let go of the store's file."""
        self.store.close()

    def write(self, call: ChatCall) -> Written:
        """The model's reply, cut where `max_tokens` ends. The same call with the same seed gives the same text."""
        seed = secrets.randbits(31) if call.seed is None else call.seed
        return cut_to_budget(Written(self._write_text(call, seed)), call.max_tokens)

    def _write_text(self, call: ChatCall, seed: int) -> str:
        sections = parse_sections(call.user)
        if is_outer(call.model) and not _is_ping(call.user):
            return answer_outer(call.model, sections, self.config.seed, seed)
        leaning = find_leaning(call.model, strip_sections(call.prompt), self.config.judge_bias)
        if call.model not in cal.ABILITY and (auditor := find_auditor_seat(call, sections)):
            return answer_auditor(auditor, call, sections, self.store, leaning, self.config.seed, seed)
        if not _is_ping(call.user) and (player := find_math_seat(call, sections)):
            return self._answer_math(player, call, sections, seed)
        if call.model in cal.JUDGE_FLIP and {"reference_answer", "candidate_answer"} <= sections.keys():
            return compare_foreign(call.model, sections, self.store, self.config.seed, seed)
        if call.model in cal.ABILITY:
            return self._solve(call, seed)
        if not _is_ping(call.user) and (seat := find_legal_seat(call, sections)):
            return self._answer_legal(seat, call, sections, seed)
        if call.model == "sim-challenger" and "document" in sections:
            return self._challenge(sections, read_craft(strip_sections(call.prompt)), seed)
        if call.model == "sim-challenger" and {"question", "reference_answer"} <= sections.keys():
            return write_rubric(sections, self.store, self.config.seed)
        if call.model == "sim-analyst" and not _is_ping(call.user):
            return analyse_failures(call.user)
        try:
            if call.model == "sim-verifier" and "rubric" in sections:
                return review_task(sections, self.config.seed, seed, strip_sections(call.prompt))
            if call.model in cal.JUDGE_FLIP and "rubric" in sections and "answer" in sections:
                graded = grade_answer(call.model, sections["rubric"], sections["answer"], self.config.seed, seed)
                graded = credit_substance(graded, call.model, sections, self.store, self.config.seed, seed)
                return sway_verdicts(graded, sections["rubric"], sections["answer"], leaning, seed)
        except ValueError as error:
            return f"The rubric cannot be read: {error}"
        return _OK

    def _solve(self, call: ChatCall, seed: int) -> str:
        if _is_ping(call.user):
            return _OK
        task = self.store.find(call.user) or improvise_item(strip_frame(call.user))
        attempt = Attempt(call.model, task, call.prompt, call.temperature, call.extras)
        return write_answer(attempt, self.config.seed, seed)

    def _answer_math(self, seat: MathSeat, call: ChatCall, sections: dict[str, str], seed: int) -> str:
        try:
            return answer_math(seat, call, sections, self.config.seed, seed)
        except ValueError as error:
            return f"The candidates cannot be read: {error}"

    def _answer_legal(self, seat: LegalSeat, call: ChatCall, sections: dict[str, str], seed: int) -> str:
        try:
            return answer_legal(seat, call, sections, self.store, self.config.seed, seed)
        except ValueError as error:
            return f"The packet cannot be read: {error}"

    def _challenge(self, sections: dict[str, str], craft: Craft, seed: int) -> str:
        document, feedback = sections["document"], read_feedback(sections)
        # Tasks are remembered by their question: two crafts must not ask the same one with two difficulties.
        told = "" if craft == USUAL else f"\x1f{craft}"
        origin = hash_text(f"{self.config.seed}\x1f{seed}\x1f{feedback}\x1f{document}{told}")[:24]
        written, rng = self._write_unasked(document, origin, craft)
        difficulty = draw_difficulty(feedback, self._draw_offset(document), rng, craft)
        task = make_task(
            origin,
            written.question,
            written.context,
            written.terms,
            [(item.claim, item.weight) for item in written.items],
            difficulty,
            rng,
            first=feedback.total == 0,
            expert_share=measure_vagueness(craft),
            flat=frozenset(index for index, item in enumerate(written.items) if item.flat),
        )
        self.store.remember(task)
        return orjson.dumps(written.as_reply(), option=orjson.OPT_INDENT_2).decode()

    def _write_unasked(self, document: str, origin: str, craft: Craft) -> tuple[WrittenTask, Random]:
        """A task whose question is new, or was written for this very request before."""
        for rewrite in range(_REWRITES):
            rng = Random(derive_seed(origin, rewrite))
            written = write_task(document, rng, craft, derive_seed(origin, rewrite, "craft"))
            known = self.store.get(key_of(written.question))
            if known is None or known.origin == origin:
                break
        return written, rng

    def _draw_offset(self, document: str) -> float:
        return Random(derive_seed(self.config.seed, "document", document)).gauss(0, cal.SOURCE_SD)


def _is_ping(text: str) -> bool:
    """Whether this is a seat test rather than a task."""
    return len(text) < 60 and "ok" in text.lower().replace(".", " ").replace('"', " ").split()
