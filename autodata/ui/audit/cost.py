"""What an audit would take before it starts: whose models it asks, calls by kind, and money where prices are known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from autodata.audit.fresh.seats import AuditSeats, choose_seats, load_auditor_seats
from autodata.audit.plans import FULL_SIZE, Cost, choose_plan, estimate_checks, estimate_cost
from autodata.audit.records import RunFacts
from autodata.audit.run_start import read_facts
from autodata.audits.pricing import price_audit
from autodata.errors import AutodataError, BadInput
from autodata.home import Home
from autodata.index.queries.audit import Standing
from autodata.journal import read_records
from autodata.prices import PriceTable, describe_cost
from autodata.ui.text import count_of

CERTIFY = ("K1",)
"""The check behind Certify, by name."""
ANSWERS_USUAL = 6
"""Recorded answers of a task, weak and strong together, as a blind re-judge reads them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An audit that could be started: its calls, and what they would cost in words.

    `most`: the calls are a limit, not what is expected.
    """

    solver: int
    judge: int
    money: str
    most: bool

    @property
    def words(self) -> str:
        """Calls by kind in one line."""
        parts = [count_of(self.solver, "solver call")] if self.solver else []
        parts += [count_of(self.judge, "judge call")] if self.judge else []
        return f"{'at most' if self.most else 'about'} {', '.join(parts) or 'no calls'}"


def find_seats(home: Home, run_id: str, models: str | None = None) -> AuditSeats | str:
    """The seats an audit of the run would use, or the sentence that says why it has none.

    They are looked up again in the same order as at the start: those of `models` (a file or `simulated`), the home's
    file, then the run's own.
    """
    try:
        facts = _read_facts(home, run_id)
        given = load_auditor_seats(models) if models else None
        own = load_auditor_seats(home.seats) if home.seats.is_file() else None
        return choose_seats(facts, given, own)
    except (AutodataError, OSError, KeyError, TypeError, ValueError, StopIteration) as error:
        return str(error) if isinstance(error, AutodataError) else f"the start of run {run_id} cannot be read"


def offer_certification(seats: AuditSeats, prices: PriceTable, tasks: int) -> Offer:
    """Fresh answers of weak and strong for `tasks` tasks, each graded once by a blind judge."""
    return _make_offer(estimate_checks(CERTIFY, tasks, FULL_SIZE), seats, prices, most=True)


def offer_plan(name: str, seats: AuditSeats, prices: PriceTable, standing: Standing) -> Offer:
    """A spending plan over all audited tasks, by the share that the record alone flagged."""
    flagged = (standing.violated + standing.flagged) / standing.audited if standing.audited else 0.0
    cost = estimate_cost(choose_plan(name), standing.audited, ANSWERS_USUAL, flagged)
    return _make_offer(cost, seats, prices, most=False)


def _make_offer(cost: Cost, seats: AuditSeats, prices: PriceTable, *, most: bool) -> Offer:
    money = describe_cost(price_audit(cost, seats.book, prices), prices.currency)
    return Offer(round(cost.solver), round(cost.judge), money, most)


@lru_cache(maxsize=64)
def _read_facts(home: Home, run_id: str) -> RunFacts:
    """What the run's first record says; it never changes."""
    first = next(read_records(home.journal(run_id)))
    if first.kind != "run_started":
        raise BadInput(f"the journal of run {run_id} does not begin with its start")
    return read_facts(first.data)
