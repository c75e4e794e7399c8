"""What a simulated server is told when it starts."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from autodata.llm.reply import SIMULATED_FINGERPRINT

MODELS = (
    "sim-challenger",
    "sim-verifier",
    "sim-weak",
    "sim-strong",
    "sim-judge",
    "sim-judge-b",
    "sim-analyst",
    "sim-peer",
    "sim-auditor",
    "sim-recipe-analyst",
    "sim-recipe-editor",
    "sim-recipe-editor-sabotage",
    "sim-recipe-editor-soften",
    "sim-recipe-editor-leak",
    "sim-recipe-editor-evaluator",
    "sim-recipe-editor-identity",
)


class Faults(BaseModel):
    """Share of chat requests, in [0, 1], that go wrong in each way. Drawn per request, so that a retry can succeed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate_limited: float = Field(0.0, ge=0, le=1)
    """429 with Retry-After."""
    server_error: float = Field(0.0, ge=0, le=1)
    """500."""
    hang: float = Field(0.0, ge=0, le=1)
    """No answer until the client gives up."""
    malformed: float = Field(0.0, ge=0, le=1)
    """An agent's JSON is broken; solvers are not affected."""
    truncated: float = Field(0.0, ge=0, le=1)
    """The text ends early, finish_reason length."""
    empty: float = Field(0.0, ge=0, le=1)
    """Reasoning used up the tokens: content "", finish_reason length."""
    reset: float = Field(0.0, ge=0, le=1)
    """The connection breaks in the middle of the reply."""
    drip: float = Field(0.0, ge=0, le=1)
    """The reply comes a byte at a time and never ends before the client gives up."""
    giant: float = Field(0.0, ge=0, le=1)
    """A reply without end: as much as the client takes."""
    flap_s: float = Field(0.0, ge=0)
    """Up for so many seconds, then down for as many, again and again; 0 for always up."""
    models: tuple[str, ...] = ()
    """Only requests for these models are affected; empty for all."""
    down_after: int | None = Field(None, ge=0)
    """Connections are dropped after this many chat requests; None for never."""


class JudgeBias(BaseModel):
    """What a biased judge goes by beside the words of an answer: nothing, unless a benchmark plants it.

    Each number is the chance, in [0, 1], with which a verdict is moved in an answer's favour or against it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: float = Field(0.0, ge=0, le=1)
    """For an answer that the request calls strong, against one that it calls weak."""
    family: float = Field(0.0, ge=0, le=1)
    """For an answer in the manner of `kin`, against every other."""
    kin: str = "sim-strong"
    """The solver whose manner of writing the judge takes for its own."""
    length: float = Field(0.0, ge=0, le=1)
    """For an answer of twice the usual length, against one of half of it; in between by the logarithm."""
    models: tuple[str, ...] = ("sim-judge",)
    """The judges that are biased."""


class SimulatorConfig(BaseModel):
    """Seed, pace, memory, faults and leanings of one simulated server."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    latency_s: float = Field(0.004, ge=0)
    latency_per_token_s: float = Field(0.00002, ge=0)
    state_dir: Path | None = None
    """Where written tasks are remembered, so that a restarted server still knows them; None for memory only."""
    faults: Faults = Faults()
    judge_bias: JudgeBias = JudgeBias()

    @property
    def fingerprint(self) -> str:
        return f"{SIMULATED_FINGERPRINT}-{self.seed}-v1"
