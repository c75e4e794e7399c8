"""Where a run stands, in one word, and what can be done about it: the record, the process and a pending request."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.index.queries.overview import RunCard
from autodata.ui.text import count_of, format_duration

PROCESS_ENDED = "its process ended without a word; nothing recorded is lost, and Resume goes on"


@dataclass(frozen=True, slots=True)
class RunState:
    """A run's standing. `word` is what is shown; `moving`: look again in a second."""

    word: str
    reason: str
    moving: bool
    can_pause: bool
    can_resume: bool
    alarm: bool = False


def judge_state(card: RunCard, *, alive: bool, request: str = "", starting: bool = False) -> RunState:
    """Combine what the journal says with whether a process works on it.

    `request` is what the control file asks for ("" for nothing); `starting`: a process was launched a moment ago and
    has recorded nothing yet.
    """
    if card.damage:
        return RunState("damaged", card.damage, False, False, False, alarm=True)
    if alive:
        if request == "pause":
            return RunState("pausing", "the calls in flight are being finished", True, False, False)
        if request == "stop":
            return RunState("stopping", "the calls in flight are being finished", True, False, False)
        return RunState("running", "", True, True, False)
    if starting:
        return RunState("starting", "its process was launched a moment ago", True, False, False)
    if card.state == "done":
        return RunState("done", card.reason, False, False, can_resume=card.undecided > 0 and not card.imported)
    if card.state == "failed":
        return RunState("failed", card.reason, False, False, True, alarm=True)
    if card.state in ("paused", "stopped"):
        return RunState(card.state, card.reason.removeprefix(f"{card.state}; "), False, False, True)
    if card.calls == 0 and card.sources_done == 0:
        return RunState("waiting", "no process works on it; Resume starts one", False, False, True)
    return RunState("stopped", PROCESS_ENDED, False, False, True)


def name_state(card: RunCard, state: RunState) -> str:
    """The word of a list; an import was never run here, so it is not done."""
    return "imported" if card.imported and state.word == "done" else state.word


def write_sentence(card: RunCard, state: RunState, seconds_left: float | None, *, baseline: bool = False) -> str:
    """The page sentence: the run, its state, how far it is. A baseline measures and accepts nothing."""
    done = f"{card.sources_done:,} of {count_of(card.sources, 'source')} done"
    done += ", a baseline" if baseline else f", {card.accepted:,} accepted"
    if state.word == "running":
        left = f", about {format_duration(seconds_left)} left" if seconds_left is not None else ""
        return f"{card.run_id} is running: {done}{left}"
    if state.word in ("starting", "pausing", "stopping", "waiting"):
        return f"{card.run_id} is {state.word}: {done}"
    if state.word == "done" and baseline:
        return f"{card.run_id} is done: {count_of(card.sources_done, 'source')} measured once, as a baseline"
    if card.imported and state.word == "done":
        return f"{card.run_id}: {card.accepted:,} of {count_of(card.sources, 'source')} accepted"
    if state.word == "done":
        return f"{card.run_id} is done: {card.accepted:,} of {count_of(card.sources, 'source')} accepted"
    if state.word == "damaged":
        return f"The record of {card.run_id} is damaged"
    if state.reason == PROCESS_ENDED:
        return f"{card.run_id} is stopped (process ended): {done}"
    return f"{card.run_id} {'has failed' if state.word == 'failed' else 'is ' + state.word}: {done}"
