"""The seats of an audit: the solvers that are audited, and a judge, a writer and a peer that had no part in the run.

Weak and strong are those of the run, frozen in its journal; nobody can give others. The auditor's own seats come from a
seats file, else from the home's, else from the run's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from autodata.audit.records import RunFacts
from autodata.errors import BadInput
from autodata.llm.seat import SIMULATED, STANDS_IN, Endpoint, Seat, SeatBook, check_symmetry, simulated_seats
from autodata.model import SOLVERS, Role

AUDITORS: tuple[Role, ...] = ("auditor_judge", "auditor_writer", "peer")
"""Roles that the run never decides on."""

AUDITED: tuple[Role, ...] = (*SOLVERS, "judge")
"""Roles that are taken from the run."""

WITNESSES: tuple[Role, ...] = ("judge", "weak", "strong", "challenger")
"""Whose model or family the auditor judge should not share, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class AuditSeats:
    """The seats of an audit, and what a researcher should know about them before the start, as sentences."""

    book: SeatBook
    warnings: tuple[str, ...]


def load_auditor_seats(name: str | Path) -> SeatBook:
    """`simulated`, or a seats file that names any of the roles; nobody has to be in it.

    Raises BadInput naming the file, the field and the remedy.
    """
    if str(name) == SIMULATED:
        return simulated_seats()
    path = Path(name).expanduser()
    try:
        book = SeatBook(**tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BadInput(f"seats file {path} does not exist; give a TOML file, or --models simulated") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"seats file {path} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{path}: {field}: {str(first['msg']).removeprefix('Value error, ')}") from None
    for role, seat in book.seats.items():
        if seat.endpoint not in book.endpoints:
            known = ", ".join(book.endpoints) or "none"
            raise BadInput(f"{path}: seat {role} names endpoint {seat.endpoint!r}, which is not defined ({known} are)")
    return book


def choose_seats(facts: RunFacts, given: SeatBook | None, home: SeatBook | None) -> AuditSeats:
    """The seats to audit a run with; `given` come before `home`, and these before the run's own.

    Raises BadInput when the run does not say where its solvers are reached and `given` does not either.
    """
    collected = _Collected()
    for role in AUDITED:
        source = facts.seats if facts.seats and role in facts.seats.seats else given
        if source is not None and role in source.seats:
            collected.take(role, source, role)
        elif role in SOLVERS:
            raise BadInput(_say_no_solver(facts, role))
    for role in AUDITORS:
        for source in (given, home, facts.seats, _simulated_like(facts)):
            if source is not None and role in source.seats:
                collected.take(role, source, role)
                break
        else:
            _stand_in(collected, role, given, facts.seats)
    contract = (facts.seats or given or SeatBook(endpoints={}, seats={})).contract
    book = SeatBook(endpoints=collected.endpoints, seats=collected.seats, contract=contract)
    check_symmetry(book, "the seats of this audit")
    return AuditSeats(book, tuple(_list_warnings(facts, book, given)))


class _Collected:
    """Seats of several books in one; endpoints of one name and another address get a name of their own."""

    def __init__(self) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self.seats: dict[Role, Seat] = {}

    def take(self, role: Role, source: SeatBook, own: Role) -> None:
        seat = source.seats[own]
        endpoint, name = source.endpoints[seat.endpoint], seat.endpoint
        while self.endpoints.get(name, endpoint) != endpoint:
            name += "-audit"
        self.endpoints[name] = endpoint
        self.seats[role] = seat.model_copy(update={"endpoint": name})


def _simulated_like(facts: RunFacts) -> SeatBook | None:
    """The built-in auditors, for a run that the built-in models played alone."""
    book = facts.seats
    return simulated_seats() if book and all(book.endpoint_of(role).simulated for role in book.seats) else None


def _stand_in(collected: _Collected, role: Role, *books: SeatBook | None) -> None:
    """A role that nobody was named for is played by a neighbour, as in a run; a peer by nobody."""
    other = STANDS_IN.get(role)
    for book in books:
        if other and book is not None and other in book.seats:
            collected.take(role, book, other)
            return
    if role == "auditor_judge":
        raise BadInput(
            "nobody can judge this audit: give --models FILE with [seats.auditor_judge], a model of another family "
            "than the run's judge and solvers"
        )


def _say_no_solver(facts: RunFacts, role: Role) -> str:
    why = "was imported" if facts.imported else "has no seats in its journal"
    model = f" (the run's was {facts.models[role]!r})" if facts.models.get(role) else ""
    return (
        f"run {facts.run_id} {why}, so where its {role} solver is reached is not known. Give --models FILE with "
        f"[seats.weak] and [seats.strong]{model}, or audit its records alone with --plan static"
    )


def _list_warnings(facts: RunFacts, book: SeatBook, given: SeatBook | None) -> Iterable[str]:
    judge = book.seats["auditor_judge"]
    others = _list_others(facts, book)
    for role in WITNESSES:
        seat = others.get(role)
        if seat is None:
            continue
        if seat.model == judge.model:
            yield f"the auditor judge is the same model as the run's {role}, {judge.model!r}: it is no independent word"
        elif judge.family and seat.family == judge.family:
            yield f"the auditor judge shares the family {judge.family!r} with the run's {role}: it may err alike"
    for role in SOLVERS:
        recorded, used = facts.models.get(role, ""), book.seats[role].model
        if facts.imported and recorded and recorded != used:
            yield f"the run's {role} model was {recorded!r}; the audit asks {used!r}"
    if facts.seats and given:
        ignored = [role for role in AUDITED if role in given.seats and given.seats[role] != facts.seats.seats.get(role)]
        if ignored:
            yield f"{', '.join(ignored)} are the run's own; what the seats file says of them is not used"
    if "peer" not in book.seats:
        yield "no seat is named for a peer, a second weak-class solver; other models (K9) will not be asked"
    if "judge" not in book.seats:
        yield "no seat is named for the run's judge, so its grades cannot be tested (K5, K6)"
    if "auditor_writer" not in book.seats:
        yield "no seat is named for an auditor_writer; texts will not be rewritten (K6, K7), no expert is asked (K8)"


def _list_others(facts: RunFacts, book: SeatBook) -> Mapping[Role, Seat]:
    """The seats of the run's own roles; of an import the models' names are all there is."""
    own = dict(facts.seats.seats) if facts.seats else {}
    named = {
        role: Seat(endpoint="", model=facts.models[role])
        for role in WITNESSES
        if role not in own and facts.models.get(role)
    }
    return {**{role: book.seats[role] for role in AUDITED if role in book.seats}, **named, **own}
