"""Leases between processes: nobody is handed what another holds, and nothing is held for ever."""

import subprocess
import sys
from collections import Counter

import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.review.leases import claim_first, claim_task, list_leases, release_leases


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def test_a_free_task_is_leased(home):
    lease = claim_task(home, "t1", "Ada", 60)
    assert lease is not None
    assert [(one.task_id, one.reviewer) for one in list_leases(home)] == [("t1", "Ada")]


def test_a_held_task_is_refused(home):
    claim_task(home, "t1", "Ada", 60)
    assert claim_task(home, "t1", "Bo", 60) is None


def test_the_holder_may_renew(home):
    first = claim_task(home, "t1", "Ada", 60)
    second = claim_task(home, "t1", "Ada", 600)
    assert second.until > first.until


def test_the_next_free_task_is_taken_instead(home):
    claim_task(home, "t1", "Ada", 60)
    assert claim_first(home, ["t1", "t2"], "Bo", 60).task_id == "t2"


def test_a_new_lease_ends_the_earlier_one(home):
    claim_task(home, "t1", "Ada", 60)
    claim_task(home, "t2", "Ada", 60)
    assert [lease.task_id for lease in list_leases(home)] == ["t2"]


def test_a_quorum_of_two_lets_two_look_at_once(home):
    held = [claim_task(home, "t1", name, 60, places=2) is not None for name in ("Ada", "Bo", "Cy")]
    assert held == [True, True, False]


def test_an_expired_lease_is_free_again(home, monkeypatch):
    claim_task(home, "t1", "Ada", 60)
    later = list_leases(home)[0].until + 1
    monkeypatch.setattr("autodata.review.leases.time.time", lambda: later)
    assert claim_task(home, "t1", "Bo", 60) is not None


def test_a_released_lease_is_free_again(home):
    claim_task(home, "t1", "Ada", 60)
    release_leases(home, "Ada")
    assert list_leases(home) == ()


def test_a_damaged_file_locks_nobody_out(home):
    claim_task(home, "t1", "Ada", 60)
    (home.root / "leases.json").write_bytes(b'[["t1", 3')
    assert claim_task(home, "t1", "Bo", 60) is not None


def test_a_lease_without_a_name_is_refused(home):
    with pytest.raises(BadInput, match="reviewer's name"):
        claim_task(home, "t1", " ", 60)


def test_eight_reviewers_at_once_get_eight_different_tasks(home):
    script = (
        "import sys; from pathlib import Path; from autodata.home import Home\n"
        "from autodata.review.leases import claim_first\n"
        "for _ in range(25):\n"
        "    print(claim_first(Home(Path(sys.argv[1])), [f't{n}' for n in range(8)], sys.argv[2], 600).task_id)\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", script, str(home.root), f"R{n}"], stdout=subprocess.PIPE, text=True)
        for n in range(8)
    ]
    last = [child.communicate(timeout=120)[0].split()[-1] for child in children]
    assert max(Counter(last).values()) == 1
    assert len(list_leases(home)) == 8
