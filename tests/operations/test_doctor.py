"""What the doctor finds, and that it changes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.operations import doctor
from autodata.operations.doctor import Finding, examine_home
from tests.support.journals import write_run

SEATS = """
[endpoints.real]
base_url = "http://127.0.0.1:9/v1"
api_key_env = "DOCTOR_TEST_KEY"
[seats]
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    write_run(home, "cs-0001", 1)
    return home


def find(home: Home, area: str) -> list[Finding]:
    return [finding for finding in examine_home(home) if finding.area == area]


def write_seats(home: Home) -> None:
    rows = "".join(
        f'{role} = {{endpoint = "real", model = "m-{role}", temperature = 1.0}}\n'
        for role in ("challenger", "verifier", "weak", "strong", "judge")
    )
    home.seats.write_text(SEATS + rows)


def test_a_sound_home_has_nothing_wrong(home):
    assert [finding for finding in examine_home(home) if finding.state == "wrong"] == []


def test_nothing_is_changed(home):
    before = {path: path.stat().st_mtime_ns for path in home.root.rglob("*")}
    list(examine_home(home))
    assert {path: path.stat().st_mtime_ns for path in home.root.rglob("*")} == before


def test_a_home_that_does_not_exist_yet_is_fine(tmp_path):
    findings = list(examine_home(Home(tmp_path / "none")))
    assert {finding.state for finding in findings if finding.area == "home"} == {"ok"}


def test_every_finding_that_is_wrong_has_a_remedy(home, monkeypatch):
    monkeypatch.delenv("DOCTOR_TEST_KEY", raising=False)
    write_seats(home)
    (home.root / "prices.toml").write_text("not toml")
    home.journal("cs-0001").write_bytes(b"{}\n")
    wrong = [finding for finding in examine_home(home) if finding.state == "wrong"]
    assert {finding.area for finding in wrong} == {"keys", "settings", "journals"}
    assert all(finding.remedy for finding in wrong)


def test_a_missing_key_is_named_by_its_variable(home, monkeypatch):
    monkeypatch.delenv("DOCTOR_TEST_KEY", raising=False)
    write_seats(home)
    assert "export DOCTOR_TEST_KEY" in find(home, "keys")[0].remedy


def test_a_key_that_is_set_is_never_shown(home, monkeypatch):
    monkeypatch.setenv("DOCTOR_TEST_KEY", "sk-canary-31415")
    write_seats(home)
    findings = list(examine_home(home))
    assert "sk-canary-31415" not in repr(findings)
    assert [finding.state for finding in findings if finding.area == "keys"] == ["ok"]


def test_seats_that_cannot_be_read_are_wrong(home):
    home.seats.write_text("[endpoints")
    assert find(home, "seats")[0].state == "wrong"


def test_a_broken_recipe_is_named(home):
    folder = home.recipes / "mine"
    folder.mkdir(parents=True)
    (folder / "recipe.toml").write_text('name = "mine"\n')
    assert "recipe mine" in find(home, "settings")[0].sentence


def test_an_edited_journal_is_wrong_at_its_record(home):
    journal = home.journal("cs-0001")
    journal.write_bytes(journal.read_bytes().replace(b'"seq":3,', b'"seq":4,', 1))
    assert "Record 3 of" in find(home, "journals")[0].sentence


def test_journals_are_not_read_when_not_asked(home):
    home.journal("cs-0001").write_bytes(b"{}\n")
    assert [f for f in examine_home(home, journals=False) if f.area == "journals"] == []


def test_an_interrupted_run_can_be_resumed(home):
    write_run(home, "cs-0002", 1, end=None)
    assert [finding.remedy for finding in find(home, "runs")] == ["`autodata resume cs-0002` goes on where it stopped"]


def test_a_run_that_is_working_is_not_interrupted(home):
    write_run(home, "cs-0002", 1, end=None)
    with JournalWriter(home.journal("cs-0002")):
        assert find(home, "runs") == []


def test_an_index_that_is_open_elsewhere_is_fine(home):
    script = (
        "import sys; from pathlib import Path; from autodata.home import Home\n"
        "from autodata.index.database import open_index\n"
        "with open_index(Home(Path(sys.argv[1]))): print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(home.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        holder.stdout.readline()
        (finding,) = find(home, "index")
        holder.stdin.close()
    assert (finding.state, f"process {holder.pid}" in finding.sentence) == ("ok", True)


def test_an_index_of_another_version_is_told_and_kept(home):
    with duckdb.connect(str(home.database)) as connection:
        connection.execute("CREATE TABLE meta (key VARCHAR, value VARCHAR)")
        connection.execute("INSERT INTO meta VALUES ('schema_version', '999')")
    (finding,) = find(home, "index")
    assert finding.state == "look"
    assert "version 999" in finding.sentence
    assert home.database.exists()


def test_a_damaged_index_is_told(home):
    home.database.write_bytes(b"x" * 5000)
    (finding,) = find(home, "index")
    assert finding.state == "look"


def test_an_index_moved_aside_can_be_pruned(home):
    (home.root / "autodata.duckdb.aside-1").write_bytes(b"x" * 2000)
    assert "2.0 kB" in find(home, "disk")[-1].sentence


@pytest.mark.parametrize(("free", "state"), [(10**8, "wrong"), (10**9, "look"), (10**11, "ok")])
def test_free_space_is_judged(home, monkeypatch, free, state):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert find(home, "disk")[0].state == state


def test_a_package_of_another_version_is_named(home, monkeypatch):
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: ["orjson>=99", "no-such-package>=1", 'x; extra == "y"'])
    sentences = [finding.sentence for finding in find(home, "packages")]
    assert len(sentences) == 2
    assert sentences[1] == "no-such-package is not installed"
