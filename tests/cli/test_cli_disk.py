"""A disk that takes no more, played by the operating system's limit on file size."""

import json
import subprocess
import sys

import pytest

from autodata.home import Home
from autodata.journal import verify_journal
from tests.support.documents import write_documents


def run_limited(arguments, kilobytes=None):
    limit = f"ulimit -f {kilobytes}; " if kilobytes else ""
    command = ["bash", "-c", f'{limit}exec "$0" -m autodata.cli "$@"', sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A run that met a full disk, and the home it lies in."""
    folder = tmp_path_factory.mktemp("disk")
    documents = write_documents(folder / "documents")
    result = run_limited(["run", documents, "--home", folder / "home", "--json", "--quiet"], kilobytes=150)
    return folder / "home", result


def test_full_disk_stops_the_run_with_what_to_do(stopped):
    _, result = stopped
    assert result.returncode == 3
    assert "Free some space, then resume: nothing recorded is lost" in result.stderr


def test_journal_is_intact_after_a_full_disk(stopped):
    home, _ = stopped
    assert verify_journal(Home(home).journal("cs-0001")).ok


def test_run_goes_on_when_there_is_space_again(stopped):
    home, result = stopped
    resumed = run_limited(["resume", "cs-0001", "--home", home, "--json", "--quiet"])
    figures = json.loads(resumed.stdout.strip().splitlines()[-1])
    before = json.loads(result.stdout.strip().splitlines()[-1])
    assert (resumed.returncode, figures["state"], figures["undecided"]) == (0, "done", 0)
    assert figures["calls"] > before["calls"]
