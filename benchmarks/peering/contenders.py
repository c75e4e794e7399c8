"""Who takes part: the product, a bare aiohttp loop, and peers in virtual environments of their own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from autodata import __version__
from benchmarks.peering.work import Case
from benchmarks.report import say

OURS, RAW = "autodata", "raw aiohttp"


@dataclass(frozen=True, slots=True)
class Peer:
    """A package of the index, the version tried, and cases it has no feature for, with the reason."""

    name: str
    package: str
    version: str
    module: str
    cannot: dict[Case, str]

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version}"


PEERS = (
    Peer(
        "autosynth",
        "autosynth",
        "0.4.0",
        "benchmarks.peering.autosynth_run",
        {"calls": "has no single calls, only its loop", "tail": "has no single calls, only its loop"},
    ),
    Peer(
        "curator",
        "bespokelabs-curator",
        "0.1.31",
        "benchmarks.peering.curator_run",
        {"staged": "has nothing that repeats a row until it is accepted"},
    ),
    Peer("Inspect", "inspect-ai", "0.3.285", "benchmarks.peering.inspect_run", {}),
)

EXTRAS = {"inspect-ai": ("openai",)}
"""What a package needs besides for this provider."""


@dataclass(frozen=True, slots=True)
class Contender:
    """Who can be started: a python, a module, and the version found. `why_not` when it cannot be."""

    name: str
    version: str
    python: Path
    module: str
    cannot: dict[Case, str]
    why_not: str = ""


def install_peers(folder: Path) -> int:
    """Make a virtual environment for every peer; returns how many could not be made."""
    failed = 0
    for peer in PEERS:
        say(f"installing {peer.requirement} …")
        environment = folder / peer.package
        made = subprocess.run([sys.executable, "-m", "venv", str(environment)], check=False)
        wanted = (peer.requirement, *EXTRAS.get(peer.package, ()))
        command = [str(find_python(environment)), "-m", "pip", "install", "--quiet", *wanted]
        if made.returncode or subprocess.run(command, check=False).returncode:
            say(f"{peer.requirement} could not be installed: the message is above")
            failed += 1
    return failed


def list_own() -> tuple[Contender, Contender]:
    """The reference and the product, in this environment."""
    python = Path(sys.executable)
    raw = Contender(RAW, "", python, "benchmarks.peering.raw_run", {})
    return raw, Contender(OURS, __version__, python, "benchmarks.peering.autodata_run", {})


def list_peers(folder: Path | None) -> list[Contender]:
    """The peers with the versions found under `folder`, those that are missing too."""
    return [_find_peer(peer, folder) for peer in PEERS]


def find_python(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _find_peer(peer: Peer, folder: Path | None) -> Contender:
    if folder is None:
        return _miss(peer, "no --peers FOLDER given")
    python = find_python(folder / peer.package)
    if not python.exists():
        return _miss(peer, f"no virtual environment {peer.package} in the folder of --peers")
    code = f"import importlib.metadata as m; print(m.version({peer.package!r}))"
    asked = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    if asked.returncode:
        return _miss(peer, f"{peer.package} is not installed in its virtual environment")
    return Contender(peer.name, asked.stdout.strip(), python, peer.module, peer.cannot)


def _miss(peer: Peer, why_not: str) -> Contender:
    return Contender(peer.name, peer.version, Path(), peer.module, peer.cannot, why_not)
