"""What a model server is to be, as a value, and the command that starts it. Never a shell string: a list of words."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from autodata.errors import BadInput
from autodata.home import is_name
from autodata.model import ROLES, Role

VLLM = ("vllm", "serve")
PLACES = ("{model}", "{host}", "{port}", "{max_len}", "{data_parallel}")
"""Marks that a command of one's own may hold; each is replaced inside its word."""

DEFAULT_PORTS: Mapping[str, int] = {"weak": 8001, "strong": 8002}
_SECRET = re.compile(r"--?(api[-_]?key|hf[-_]token|(auth[-_]?)?token|password)(=|$)", re.I)
TOKEN_VARIABLE = "AUTODATA_SERVER"
"""Set for a server and all it starts, so that its processes are known among all others."""


class ServerPlan(BaseModel):
    """One server: the model, where it listens and what it may use.

    `command` is the program that the model and vLLM's options are added to; one that holds `{port}` is a whole command
    of any other OpenAI-compatible server, in which the marks of PLACES are replaced. `extra` is added at the end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    model: str
    served_as: str = ""
    """The model's name in requests; "" is the model itself, of a folder its last part."""
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    gpus: tuple[int, ...] = ()
    """GPUs by number (CUDA_VISIBLE_DEVICES); () leaves the choice to the environment."""
    data_parallel: int = Field(1, ge=1, le=64)
    max_len: int | None = Field(None, ge=1)
    """Longest prompt and answer together, in tokens; None is the model's own."""
    command: tuple[str, ...] = VLLM
    extra: tuple[str, ...] = ()
    seats: tuple[Role, ...] = ()
    """The seats that are given this server once it answers."""

    @field_validator("name")
    @classmethod
    def _check_name(cls, value: str) -> str:
        if not is_name(value):
            raise ValueError("a server's name has letters, digits, '.', '_' and '-' only")
        return value

    @field_validator("model")
    @classmethod
    def _check_model(cls, value: str) -> str:
        if not value.strip() or value.startswith("-"):
            raise ValueError("give a model: a name on its hub, or the folder it lies in")
        return value.strip()

    @field_validator("gpus")
    @classmethod
    def _check_gpus(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(gpu < 0 for gpu in value) or len(set(value)) < len(value):
            raise ValueError("GPUs are different numbers from 0, such as 0,1")
        return value

    @model_validator(mode="after")
    def _check_fit(self) -> ServerPlan:
        if not self.command or any("\0" in word for word in (*self.command, *self.extra)):
            raise ValueError("the command is empty or holds a zero byte")
        if any(_SECRET.match(word) for word in (*self.command, *self.extra)):
            raise ValueError(
                "the command holds a key, which would be recorded and shown; set it as a variable of the environment "
                "instead, such as VLLM_API_KEY or HF_TOKEN"
            )
        if self.gpus and len(self.gpus) < self.data_parallel:
            raise ValueError(f"data_parallel {self.data_parallel} needs as many GPUs; {len(self.gpus)} are given")
        if not self.speaks_vllm:
            told = {"max_len": self.max_len is not None, "data_parallel": self.data_parallel > 1}
            for field, given in told.items():
                if given and not any(f"{{{field}}}" in word for word in self.command):
                    raise ValueError(f"{field} is given but the command has no {{{field}}} to put it in")
        return self

    @property
    def speaks_vllm(self) -> bool:
        """Whether vLLM's options follow the command; a command with a place for the port says all itself."""
        return not any("{port}" in word for word in self.command)

    @property
    def base_url(self) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/v1"

    @property
    def model_name(self) -> str:
        """The model's name in requests, as far as it is ours to choose."""
        if self.served_as:
            return self.served_as
        return Path(self.model).name if Path(self.model).expanduser().is_dir() else self.model


def make_plan(values: Mapping[str, Any]) -> ServerPlan:
    """A plan from plain values: a seat's name stands for the seat and its usual port. Raises BadInput."""
    given = dict(values)
    name = given.get("name")
    if given.get("port") is None:
        given["port"] = DEFAULT_PORTS.get(str(name), 8000)
    if not given.get("seats") and name in ROLES:
        given["seats"] = (name,)
    try:
        return ServerPlan(**given)
    except ValidationError as error:
        first = error.errors()[0]
        field, message = ".".join(map(str, first["loc"])), str(first["msg"]).removeprefix("Value error, ")
        shown = f" (got {first['input']!r})" if field else ""
        raise BadInput(f"server {name}: {f'{field}: ' if field else ''}{message}{shown}") from error


def build_command(plan: ServerPlan) -> list[str]:
    """The words to start the server with; the program's full path first.

    Raises BadInput when there is no such program, with how to install vLLM where it is that.
    """
    program = _find_program(plan.command[0])
    if not plan.speaks_vllm:
        values = {place: str(_read_place(plan, place)) for place in PLACES}
        return [program, *(_fill(word, values) for word in plan.command[1:]), *plan.extra]
    words = [program, *plan.command[1:], plan.model, "--host", plan.host, "--port", str(plan.port)]
    if plan.model_name != plan.model:
        words += ["--served-model-name", plan.model_name]
    if plan.data_parallel > 1:
        words += ["--data-parallel-size", str(plan.data_parallel)]
    if plan.max_len is not None:
        words += ["--max-model-len", str(plan.max_len)]
    return [*words, *plan.extra]


def build_environment(plan: ServerPlan, token: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The server's environment: this one's, its GPUs, and the mark its processes are known by."""
    gpus = {"CUDA_VISIBLE_DEVICES": ",".join(map(str, plan.gpus))} if plan.gpus else {}
    return {**environment, **gpus, "PYTHONUNBUFFERED": "1", TOKEN_VARIABLE: token}


def _find_program(word: str) -> str:
    """Full path of a program: on the PATH, or beside this Python, whose environment may not be activated."""
    found = shutil.which(word) or shutil.which(word, path=str(Path(sys.executable).parent))
    if found:
        return os.path.abspath(found)  # noqa: PTH100 (a program found through a link is started through it)
    if word == VLLM[0]:
        raise BadInput(
            "vLLM is not installed here: there is no program `vllm`. Run `pip install -r requirements-vllm.txt` on a "
            "machine with GPUs, or name the program of another environment as the command: /PATH/bin/vllm serve"
        )
    raise BadInput(f"there is no program {word!r} to start the server with; give its full path")


def _read_place(plan: ServerPlan, place: str) -> object:
    value = getattr(plan, place.strip("{}"))
    return "" if value is None else value


def _fill(word: str, values: Mapping[str, str]) -> str:
    for place, value in values.items():
        word = word.replace(place, value)
    return word
