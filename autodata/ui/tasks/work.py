"""An act on a whole view, or its undoing, in the background: in parts, so that pages and other reviewers go on.

Kept per home and reviewer for as long as the app runs, so that a page that is loaded again finds it.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autodata.errors import AutodataError
from autodata.home import Home
from autodata.index.ingest import ingest_reviews_now
from autodata.review.bulk import PART, Chosen, LastAct, decide_all, make_act_id, undo_all
from autodata.ui.state import Workbench
from autodata.ui.text import VERDICT_WORDS, count_of

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Work:
    """How far an act has come. `total` tasks are to be looked at, `seen` were; `recorded` decisions were written.

    `left` counts tasks that were left alone, by reason; `error` is the sentence that ended it. What was written until
    then stands, and is undone like a whole act.
    """

    words: str
    total: int
    seen: int = 0
    recorded: int = 0
    left: Counter[str] = field(default_factory=Counter)
    error: str = ""
    running: bool = True

    @property
    def share(self) -> float:
        return min(1.0, self.seen / self.total) if self.total else 1.0


_works: dict[tuple[str, str], Work] = {}


def find_work(home: Home, reviewer: str) -> Work | None:
    """This reviewer's act under way, or the last one that ended since the app started and was not dismissed."""
    return _works.get((str(home.root), reviewer))


def dismiss_work(home: Home, reviewer: str) -> None:
    """Forget an act that has ended."""
    work = find_work(home, reviewer)
    if work is not None and not work.running:
        del _works[str(home.root), reviewer]


def start_act(
    bench: Workbench, tasks: Sequence[Chosen], verdict: str, reviewer: str, *, reason: str = "", note: str = ""
) -> Work:
    """Decide on these tasks in the background."""
    act = make_act_id()

    def go_on(work: Work) -> None:
        for start in range(0, len(tasks), PART):
            part = tasks[start : start + PART]
            result = decide_all(bench.home, part, verdict, reviewer, reason=reason, note=note, bulk_id=act)
            work.recorded += result.recorded
            work.left += result.left
            ingest_reviews_now(bench.index, bench.home)
            work.seen += len(part)

    return _start(bench, reviewer, Work(f"{VERDICT_WORDS[verdict]} at once", len(tasks)), go_on)


def start_undo(bench: Workbench, act: LastAct, reviewer: str) -> Work:
    """Take an act back in the background."""

    def go_on(work: Work) -> None:
        while work.seen < act.count:
            work.recorded += undo_all(bench.home, act.bulk_id, reviewer, most=PART)
            ingest_reviews_now(bench.index, bench.home)
            work.seen = work.recorded

    return _start(bench, reviewer, Work("open again", act.count), go_on)


def describe_work(work: Work) -> str:
    """What an act did, in a sentence."""
    done = f"{count_of(work.recorded, 'task')} {work.words}"
    left = describe_left(work.left)
    return f"{done}. {left}".strip() if not work.error else f"{done}, then it ended: {work.error}"


def describe_left(left: Counter[str]) -> str:
    """Which tasks are left alone and why; "" for none."""
    if not left:
        return ""
    return f"Left alone: {', '.join(f'{n:,} {why}' for why, n in left.most_common())}."


def _start(bench: Workbench, reviewer: str, work: Work, go_on: Callable[[Work], None]) -> Work:
    key = (str(bench.home.root), reviewer)
    under_way = _works.get(key)
    if under_way is not None and under_way.running:
        return under_way
    _works[key] = work
    threading.Thread(target=_run, args=(work, go_on), name="act on all", daemon=True).start()
    return work


def _run(work: Work, go_on: Callable[[Work], None]) -> None:
    try:
        go_on(work)
    except AutodataError as error:
        work.error = str(error)
    except Exception as error:  # the boundary: a page must never wait for an act that is no more
        log.exception("an act on many tasks failed")
        work.error = str(error) or type(error).__name__
    finally:
        work.running = False
