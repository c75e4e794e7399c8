"""Seats: which model, at which endpoint, with which sampling settings plays each role.

A seats file (TOML) has `[endpoints.NAME]` and `[seats.ROLE]` tables; docs/user-guide.md shows one. Keys are named by
environment variable and never stored.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from autodata.bounded import SETTINGS_MAX, read_bounded
from autodata.canon import to_canonical_json
from autodata.errors import BadInput
from autodata.model import SOLVERS, Role

SIMULATED = "simulated"
"""Base URL that stands for the built-in server; replaced by its real address when a run starts."""

Structure = Literal["schema", "json", "off"]

OWN_FIELDS = frozenset(
    "model messages seed stream n temperature top_p max_tokens response_format json_mode structured".split()
)
"""Fields of a request that trusted code renders; `extra_body` may not override them."""

_SECRET = re.compile(r"(api|access|auth|secret|private)[_-]?(key|token)s?$|authorization|password|credential|^token$",
                     re.I)  # fmt: skip

REQUIRED_ROLES: tuple[Role, ...] = ("challenger", "verifier", "weak", "strong", "judge")
STANDS_IN: dict[Role, Role] = {
    "extractor": "challenger",
    "loop_judge": "judge",
    "analyst": "challenger",
    "editor": "challenger",
    "auditor_judge": "judge",
    "auditor_writer": "verifier",
}
"""Whose seat a role sits on when the seats file gives it none."""


class Endpoint(BaseModel):
    """One OpenAI-compatible server, or several that serve the same models, and how hard each may be used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    replicas: tuple[str, ...] = ()
    """Addresses of further servers of the same models; calls are spread over all of them."""
    api_key_env: str | None = None
    concurrency: int = Field(32, ge=1, le=4096)
    """Calls in flight at each server."""
    requests_per_minute: int | None = Field(None, ge=1)
    """Over all servers."""
    timeout_s: float = Field(600.0, gt=0)
    max_tries: int = Field(5, ge=1, le=20)

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, value: str) -> str:
        return value if value.startswith(SIMULATED) else _check_address(value, "base_url")

    @field_validator("replicas")
    @classmethod
    def _check_replicas(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_check_address(value, "replicas: an address") for value in values)

    @model_validator(mode="after")
    def _check_servers(self) -> Endpoint:
        if self.simulated and self.replicas:
            raise ValueError("the simulated server has no replicas; take them out, or give base_url an address")
        if len(set(self.base_urls)) < len(self.base_urls):
            raise ValueError("replicas names a server twice, or the one of base_url again; each counts once")
        return self

    @field_validator("api_key_env")
    @classmethod
    def _check_variable(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
            raise ValueError("api_key_env is the NAME of an environment variable that holds the key, not the key")
        return value

    @property
    def simulated(self) -> bool:
        return self.base_url.startswith(SIMULATED)

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Addresses of all its servers."""
        return (self.base_url, *self.replicas)

    @property
    def places(self) -> int:
        """Calls in flight over all its servers."""
        return self.concurrency * len(self.base_urls)


class Seat(BaseModel):
    """A role's model and sampling settings. `extra_body` goes into the request as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: str
    model: str
    family: str = ""
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=1)
    structured: Structure = "off"
    """How an agent's reply is bound to its form: to a JSON schema, to any JSON object, or by the prompt alone. What the
    server refuses is asked for in the weaker form, down to "off". For agents: solvers write free text."""
    json_mode: bool = False
    """The same as structured = "json"."""
    extra_body: dict[str, Any] = Field(default_factory=dict)

    @property
    def structure(self) -> Structure:
        """The form to ask for, whichever way the seat says it."""
        return "json" if self.json_mode and self.structured == "off" else self.structured

    @field_validator("extra_body")
    @classmethod
    def _check_extra_body(cls, value: dict[str, Any]) -> dict[str, Any]:
        taken = sorted(OWN_FIELDS & value.keys())
        if taken:
            raise ValueError(f"extra_body may not set {', '.join(taken)}: the seat or the program sets them")
        if secret := _find_secret(value):
            raise ValueError(
                f"extra_body may not hold {secret}: it is recorded with every request; name the variable that holds "
                "the key with api_key_env"
            )
        return value


class Contract(BaseModel):
    """The human-signed list of request settings in which weak and strong may differ. Default: none but the model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed: tuple[str, ...] = ()
    signed_by: str = ""
    reason: str = ""


class SeatBook(BaseModel):
    """All endpoints and seats of a run; every seat names an endpoint that exists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoints: dict[str, Endpoint]
    seats: dict[Role, Seat]
    contract: Contract = Contract()

    def seat(self, role: Role) -> Seat:
        """The seat of `role`; a role of one domain that has none of its own sits on a neighbour's (STANDS_IN)."""
        return self.seats[role if role in self.seats else STANDS_IN[role]]

    def endpoint_of(self, role: Role) -> Endpoint:
        return self.endpoints[self.seat(role).endpoint]

    @property
    def simulated(self) -> bool:
        """Whether any seat is played by a simulated model; such data is labelled everywhere."""
        return any(self.endpoint_of(role).simulated for role in self.seats)


def load_seats(name: str | Path) -> SeatBook:
    """`simulated`, or the path of a seats file. Raises BadInput naming the file, the field and the remedy."""
    if str(name) == SIMULATED:
        return simulated_seats()
    path = Path(name).expanduser()
    try:
        values = tomllib.loads(read_bounded(path, SETTINGS_MAX, "seats file").decode("utf-8"))
    except FileNotFoundError:
        raise BadInput(f"seats file {path} does not exist; give a TOML file, or --models simulated") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"seats file {path} cannot be read: {error}") from error
    return parse_seats(values, str(path))


def parse_seats(values: dict[str, Any], where: str) -> SeatBook:
    """Seats from plain values; `where` names their origin in errors."""
    try:
        book = SeatBook(**values)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{where}: {_describe_problem(first)}") from error
    missing = [role for role in REQUIRED_ROLES if role not in book.seats]
    if missing:
        raise BadInput(f"{where}: no seat for {', '.join(missing)}; add [seats.{missing[0]}] with endpoint and model")
    for role, seat in book.seats.items():
        if seat.endpoint not in book.endpoints:
            known = ", ".join(book.endpoints) or "none"
            raise BadInput(f"{where}: seat {role} names endpoint {seat.endpoint!r}, which is not defined ({known} are)")
        if role in SOLVERS and seat.structured != "off":
            raise BadInput(f"{where}: seat {role} has structured = {seat.structured!r}, but solvers write free text")
    check_symmetry(book, where)
    return book


def _describe_problem(problem: Mapping[str, Any]) -> str:
    """The field and what is wrong with it. A value that may be a key is never shown: messages end up in logs."""
    path = [str(part) for part in problem["loc"]]
    field, message = ".".join(path), str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        remedy = "; name the variable that holds it with api_key_env" if "key" in path[-1].lower() else ""
        return f"{field}: this setting is unknown{remedy}"
    if {"base_url", "api_key_env", "replicas", "extra_body"} & set(path) or isinstance(problem.get("input"), dict):
        return f"{field}: {message}"
    return f"{field}: {message} (got {problem.get('input')!r})"


def _check_address(value: str, what: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError(f'{what} starts with http:// or https://, for example "http://127.0.0.1:8000/v1"')
    # Anywhere: a password that holds a slash ends the host too early for a parser of addresses.
    if "@" in value:
        raise ValueError(f"{what} holds a user name or password, which would be recorded; use api_key_env")
    if "?" in value or "#" in value:
        raise ValueError(
            f"{what} holds a query or fragment, which would be recorded; end it with the path, such as /v1"
        )
    return value


def _find_secret(value: Any) -> str:
    """The first name in a request's own settings that speaks of a key; "" for none."""
    if isinstance(value, dict):
        named = next((str(name) for name in value if _SECRET.search(str(name))), "")
        return named or next(filter(None, map(_find_secret, value.values())), "")
    if isinstance(value, list):
        return next(filter(None, map(_find_secret, value)), "")
    return ""


def check_symmetry(book: SeatBook, where: str) -> None:
    """Refuse seats whose weak and strong requests would differ in more than the model, unless the contract says so.

    Raises BadInput naming each setting that differs and how to declare it.
    """
    weak, strong = request_settings(book.seat("weak")), request_settings(book.seat("strong"))
    differing = sorted(
        key
        for key in weak.keys() | strong.keys()
        # As bytes: 1, 1.0 and true are equal values in Python and different requests.
        if to_canonical_json(weak.get(key)) != to_canonical_json(strong.get(key))
    )
    undeclared = [key for key in differing if key not in book.contract.allowed]
    if undeclared:
        shown = "; ".join(f"{key}: weak {weak.get(key)!r}, strong {strong.get(key)!r}" for key in undeclared)
        raise BadInput(
            f"{where}: weak and strong requests would differ in more than the model ({shown}). Make them equal, or "
            f'sign the difference: [contract] allowed = {undeclared!r}, signed_by = "NAME", reason = "…"'
        )
    if differing and not book.contract.signed_by.strip():
        raise BadInput(f"{where}: the contract allows {differing} to differ but nobody signed it; add signed_by")


def request_settings(seat: Seat) -> dict[str, Any]:
    """The settings of a seat that go into a request, model left out; unset ones are absent."""
    settings = {
        "temperature": seat.temperature,
        "top_p": seat.top_p,
        "max_tokens": seat.max_tokens,
        "json_mode": seat.json_mode or None,
        "structured": None if seat.structured == "off" else seat.structured,
        **seat.extra_body,
    }
    return {key: value for key, value in settings.items() if value is not None}


def read_key(endpoint: Endpoint, name: str) -> str:
    """The endpoint's key from the environment; "none" where it needs none.

    Raises BadInput when it is not set, or holds what cannot be sent as a header.
    """
    if not endpoint.api_key_env:
        return "none"
    key = os.environ.get(endpoint.api_key_env, "")
    if not key:
        raise BadInput(
            f"endpoint {name} ({endpoint.base_url}) needs a key: the environment variable {endpoint.api_key_env} is "
            f"not set. Run `export {endpoint.api_key_env}=…` and start again."
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise BadInput(
            f"endpoint {name} ({endpoint.base_url}): the key in {endpoint.api_key_env} holds a blank, a line end or "
            f"another character that no key has. Set it again, without quotes or a trailing line end."
        )
    return key


def simulated_seats() -> SeatBook:
    """The embedded default: every role played by the simulated server."""
    solver = {"endpoint": "simulated", "family": "simulated", "temperature": 1.0, "max_tokens": 1200}
    agent = {"endpoint": "simulated", "family": "simulated-agent", "temperature": 0.7, "max_tokens": 6000}
    judge = {"endpoint": "simulated", "family": "simulated-judge", "temperature": 0.0, "max_tokens": 6000}
    return SeatBook(
        endpoints={"simulated": Endpoint(base_url=SIMULATED, timeout_s=60)},
        seats={
            "challenger": Seat(model="sim-challenger", **agent),
            "verifier": Seat(model="sim-verifier", **agent),
            "weak": Seat(model="sim-weak", **solver),
            "strong": Seat(model="sim-strong", **solver),
            "judge": Seat(model="sim-judge", **judge),
            "analyst": Seat(model="sim-recipe-analyst", **agent),
            "editor": Seat(model="sim-recipe-editor", **agent),
            "auditor_judge": Seat(model="sim-judge-b", **{**judge, "family": "simulated-judge-b"}),
            "auditor_writer": Seat(model="sim-auditor", **{**agent, "family": "simulated-auditor"}),
            "peer": Seat(model="sim-peer", **{**solver, "family": "simulated-peer"}),
        },
    )


def check_roles(book: SeatBook) -> list[str]:
    """Warnings a researcher should read before the start, as sentences."""
    warnings = []
    judge, strong = book.seat("judge"), book.seat("strong")
    if judge.family and judge.family == strong.family:
        warnings.append(f"judge and strong share the family {judge.family!r}: a judge may prefer its own kind")
    if judge.model == strong.model:
        warnings.append(f"judge and strong are the same model {judge.model!r}")
    simulated = [role for role in book.seats if book.endpoint_of(role).simulated]
    if simulated and len(simulated) < len(book.seats):
        warnings.append(
            f"simulated models play beside real ones ({', '.join(simulated)}): they only serve to try things out, and "
            "all data of such a run is labelled simulated"
        )
    return warnings
