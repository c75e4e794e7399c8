"""Where a run stands right now: its card, its process and its control file, looked at together."""

from __future__ import annotations

from autodata.index.queries.overview import RunCard
from autodata.index.queries.runs import load_run
from autodata.runs import is_alive
from autodata.ui.runs import control
from autodata.ui.runs.state import RunState, judge_state
from autodata.ui.state import Workbench


def judge_run(bench: Workbench, card: RunCard) -> RunState:
    """The run's state as its page shows it."""
    return judge_state(
        card,
        alive=card.state != "done" and is_alive(bench.home, card.run_id),
        request=control.read_request(bench.home, card.run_id),
        starting=control.is_starting(card.run_id, card.last),
    )


def is_baseline(bench: Workbench, card: RunCard) -> bool:
    """Whether the run is a single-shot baseline. A run's settings never change, so each is looked up once."""
    if card.accepted:
        return False
    key = (str(bench.home.root), card.run_id)
    if key not in _baselines:
        detail = load_run(bench.index, card.run_id)
        if detail is None:
            return False
        _baselines[key] = bool(detail.settings.get("baseline"))
    return _baselines[key]


_baselines: dict[tuple[str, str], bool] = {}
"""(home, run id) to whether the run is a baseline."""
