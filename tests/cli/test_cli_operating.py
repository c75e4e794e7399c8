"""doctor, backup, restore and prune as commands: what they print and how they end."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from autodata.cli import app
from autodata.cli.output import BAD_INPUT, DONE, FINDING
from autodata.home import Home
from tests.support.journals import write_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    write_run(home, "cs-0001", 1, plans=[("accepted",)])
    return home


def call(home: Home, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--home", str(home.root)])


def read(result: Result) -> dict:
    return orjson.loads(result.stdout.splitlines()[-1])


def test_doctor_of_a_sound_home_is_done(home):
    result = call(home, "doctor", "--json")
    assert (result.exit_code, read(result)["ok"]) == (DONE, True)


def test_doctor_of_a_damaged_home_ends_with_a_finding(home):
    home.journal("cs-0001").write_bytes(b"{}\n")
    result = call(home, "doctor", "--json")
    wrong = [finding for finding in read(result)["findings"] if finding["state"] == "wrong"]
    assert (result.exit_code, [finding["area"] for finding in wrong]) == (FINDING, ["journals"])


def test_a_backup_goes_back_into_a_new_home(home, tmp_path):
    archive = str(tmp_path / "b.tar.gz")
    saved = call(home, "backup", archive, "--json", "--quiet")
    again = Home(tmp_path / "again")
    restored = call(again, "restore", archive, "--json")
    assert (saved.exit_code, restored.exit_code) == (DONE, DONE)
    assert read(restored)["files"] == read(saved)["files"] == 1
    assert again.journal("cs-0001").read_bytes() == home.journal("cs-0001").read_bytes()


def test_restore_over_a_home_is_bad_input(home, tmp_path):
    archive = str(tmp_path / "b.tar.gz")
    call(home, "backup", archive, "--quiet")
    assert call(home, "restore", archive).exit_code == BAD_INPUT


def test_restored_damage_is_a_finding(home, tmp_path):
    home.journal("cs-0001").write_bytes(b"{}\n")
    archive = str(tmp_path / "b.tar.gz")
    call(home, "backup", archive, "--quiet")
    assert call(Home(tmp_path / "again"), "restore", archive).exit_code == FINDING


def test_prune_lists_and_keeps(home):
    aside = home.root / "autodata.duckdb.aside-1"
    aside.write_bytes(b"x" * 10)
    result = call(home, "prune", "--json")
    assert (read(result)["bytes"], read(result)["deleted"], aside.exists()) == (10, False, True)


def test_prune_deletes_when_told_to(home):
    aside = home.root / "autodata.duckdb.aside-1"
    aside.write_bytes(b"x" * 10)
    result = call(home, "prune", "--delete", "--json")
    assert (read(result)["freed"], aside.exists()) == (10, False)


def test_prune_of_a_tidy_home_says_so(home):
    assert "Nothing can go." in call(home, "prune").stderr


def test_compress_tells_what_became_of_it(home):
    result = call(home, "compress", "--json", "--quiet")
    (done,) = read(result)["compressed"]
    assert (result.exit_code, done["run_id"]) == (DONE, "cs-0001")
    assert done["packed"] < done["bytes"]
    assert call(home, "verify", "--json").exit_code == DONE


def test_compress_can_only_look(home):
    result = call(home, "compress", "--dry-run", "--json")
    assert ([one["run_id"] for one in read(result)["would"]], read(result)["compressed"]) == (["cs-0001"], [])
    assert home.journal("cs-0001").exists()


def test_compressing_a_run_that_does_not_exist_is_bad_input(home):
    assert call(home, "compress", "cs-0009").exit_code == BAD_INPUT


def test_compressing_a_damaged_journal_is_a_finding(home):
    home.journal("cs-0001").write_bytes(home.journal("cs-0001").read_bytes().replace(b"Passage", b"passage", 1))
    result = call(home, "compress", "--json", "--quiet")
    assert (result.exit_code, len(read(result)["damaged"])) == (FINDING, 1)


def test_rebuild_tells_its_rate(home):
    answer = read(call(home, "rebuild", "--json", "--quiet", "--fast"))
    assert answer["records"] > 0
    assert answer["rate"] == pytest.approx(answer["records"] / answer["seconds"])
