"""Simulated models behind a real OpenAI-compatible server: they read prompts, obey them, and write real text."""

from autodata.llm.simulator.config import MODELS, Faults, JudgeBias, SimulatorConfig
from autodata.llm.simulator.process import RunningSimulator, start_simulator
from autodata.llm.simulator.server import build_app, serve

__all__ = [
    "MODELS",
    "Faults",
    "JudgeBias",
    "RunningSimulator",
    "SimulatorConfig",
    "build_app",
    "serve",
    "start_simulator",
]
