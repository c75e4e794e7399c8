"""One small call to each real seat before a run is made, so that a wrong key or model name costs nothing."""

from __future__ import annotations

import asyncio

from autodata import runs
from autodata.cli.output import say
from autodata.errors import BadInput
from autodata.home import Home
from autodata.llm.check import test_seats
from autodata.llm.quirks import open_quirks
from autodata.llm.seat import SeatBook


def require_answers(place: Home, seats: SeatBook) -> None:
    """Test every seat, unless all are simulated. Raises BadInput naming each that fails and what to do."""
    if all(seats.endpoint_of(role).simulated for role in seats.seats):
        return
    say("testing the seats with one small call each")
    with runs.open_addresses(place, seats) as addresses:
        tests = asyncio.run(test_seats(seats, addresses, open_quirks(place, seats)))
    failed = [f"{role}: {test.message}" for role, test in tests.items() if not test.ok]
    if failed:
        raise BadInput("; ".join(dict.fromkeys(failed)))
