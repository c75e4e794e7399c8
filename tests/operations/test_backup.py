"""A backup and its way back: whole, checked, and refused when anything about it is not as it was written."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import orjson
import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter, verify_journal
from autodata.operations.backup import MANIFEST, write_backup
from autodata.operations.contents import list_kept
from autodata.operations.restore import restore_backup
from tests.support.journals import write_decision, write_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    written = write_run(home, "cs-0001", 2, plans=[("accepted",)])
    write_decision(home, written.accepted[0])
    home.seats.write_text("# mine\n")
    version = home.datasets / "d" / "v001"
    version.mkdir(parents=True)
    (version / "tasks.jsonl").write_text('{"id": "t1"}\n{"id": "t2"}')
    (version / "tasks.jsonl").chmod(0o444)
    return home


def read_tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_everything_that_matters_comes_back_byte_for_byte(home, tmp_path):
    kept = {path.relative_to(home.root).as_posix(): path.read_bytes() for path in list_kept(home)}
    write_backup(home, tmp_path / "b.tar.gz")
    restore_backup(tmp_path / "b.tar.gz", Home(tmp_path / "again"))
    assert read_tree(tmp_path / "again") == kept


def test_exported_files_stay_read_only(home, tmp_path):
    write_backup(home, tmp_path / "b.tar.gz")
    restore_backup(tmp_path / "b.tar.gz", Home(tmp_path / "again"))
    assert (tmp_path / "again/datasets/d/v001/tasks.jsonl").stat().st_mode & 0o222 == 0


def test_an_export_without_a_last_newline_is_not_cut(home, tmp_path):
    write_backup(home, tmp_path / "b.tar.gz")
    restore_backup(tmp_path / "b.tar.gz", Home(tmp_path / "again"))
    assert (tmp_path / "again/datasets/d/v001/tasks.jsonl").read_text().endswith('{"id": "t2"}')


@pytest.mark.parametrize(
    "name", ["autodata.duckdb", "autodata.duckdb.wal", "simulator/x", "datasets/d/.v002.partial/t", "leases.json"]
)
def test_what_can_be_made_again_is_left_out(home, tmp_path, name):
    path = home.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    assert path not in list(list_kept(home))


def test_a_link_is_not_followed(home, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (home.root / "uploads").mkdir()
    (home.root / "uploads" / "link.txt").symlink_to(tmp_path / "secret")
    assert "link.txt" not in {path.name for path in list_kept(home)}


def test_a_journal_that_is_being_written_is_taken_up_to_its_last_line(home, tmp_path):
    with open(home.journal("cs-0001"), "ab") as file:
        file.write(b'{"seq":999,"half')
    write_backup(home, tmp_path / "b.tar.gz")
    restore_backup(tmp_path / "b.tar.gz", Home(tmp_path / "again"))
    report = verify_journal(Home(tmp_path / "again").journal("cs-0001"))
    assert (report.ok, report.torn_bytes) == (True, 0)


def test_a_backup_is_made_while_a_run_holds_its_journal(home, tmp_path):
    with JournalWriter(home.journal("cs-0001")) as journal:
        journal.append("note", {})
        report = write_backup(home, tmp_path / "b.tar.gz")
    assert report.journals == 2


def test_decisions_are_copied_before_the_runs_they_speak_of(home):
    names = [path.relative_to(home.root).as_posix() for path in list_kept(home)]
    assert names.index("reviews.jsonl") < names.index("runs/cs-0001/journal.jsonl")


def test_a_backup_replaces_nothing(home, tmp_path):
    (tmp_path / "b.tar.gz").write_text("mine")
    with pytest.raises(BadInput, match="exists already"):
        write_backup(home, tmp_path / "b.tar.gz")
    assert (tmp_path / "b.tar.gz").read_text() == "mine"


def test_a_backup_does_not_lie_in_the_home(home):
    with pytest.raises(BadInput, match="lies in the home itself"):
        write_backup(home, home.root / "b.tar.gz")


def test_an_empty_home_has_no_backup(tmp_path):
    with pytest.raises(BadInput, match="holds nothing to back up"):
        write_backup(Home(tmp_path / "none"), tmp_path / "b.tar.gz")


def test_a_full_disk_leaves_nothing_half_written(home, tmp_path):
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from autodata.home import Home; from autodata.operations.backup import write_backup\n"
        "from autodata.errors import StopRequested\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "try: write_backup(Home(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "except StopRequested as stop: print(stop.reason)"
    )
    (tmp_path / "out").mkdir()
    command = [sys.executable, "-c", script, str(home.root), str(tmp_path / "out" / "b.tar.gz")]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (said.stdout.strip(), list((tmp_path / "out").iterdir())) == ("disk", [])


def test_a_home_that_holds_something_is_not_overwritten(home, tmp_path):
    write_backup(home, tmp_path / "b.tar.gz")
    with pytest.raises(BadInput, match="is not empty"):
        restore_backup(tmp_path / "b.tar.gz", home)


@pytest.mark.parametrize("keep", [0, 10, 500, 2000])
def test_an_archive_that_was_cut_off_is_refused(home, tmp_path, keep):
    write_backup(home, tmp_path / "b.tar.gz")
    whole = (tmp_path / "b.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[:keep])
    with pytest.raises(BadInput):
        restore_backup(tmp_path / "cut.tar.gz", Home(tmp_path / "again"))
    assert not (tmp_path / "again").exists()
    assert not list(tmp_path.glob(".again*"))


def rewrite(source: Path, target: Path, change) -> None:
    """Copy an archive member by member; `change` maps (name, content) to what is written, None to leave it out."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            changed = change(member.name, old.extractfile(member).read())
            if changed is not None:
                member.name, content = changed
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))


def test_a_changed_file_is_named(home, tmp_path):
    write_backup(home, tmp_path / "b.tar.gz")
    rewrite(
        tmp_path / "b.tar.gz",
        tmp_path / "c.tar.gz",
        lambda name, content: (name, b"# theirs\n" if name == "seats.toml" else content),
    )
    with pytest.raises(BadInput, match=r"seats\.toml was changed"):
        restore_backup(tmp_path / "c.tar.gz", Home(tmp_path / "again"))


def test_a_missing_file_is_named(home, tmp_path):
    write_backup(home, tmp_path / "b.tar.gz")
    rewrite(
        tmp_path / "b.tar.gz",
        tmp_path / "c.tar.gz",
        lambda name, content: None if name == "reviews.jsonl" else (name, content),
    )
    with pytest.raises(BadInput, match=r"reviews\.jsonl is missing"):
        restore_backup(tmp_path / "c.tar.gz", Home(tmp_path / "again"))


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "runs\\..\\x"])
def test_a_member_that_would_leave_the_home_is_refused(home, tmp_path, name):
    write_backup(home, tmp_path / "b.tar.gz")
    rewrite(
        tmp_path / "b.tar.gz",
        tmp_path / "c.tar.gz",
        lambda old, content: (name if old == "seats.toml" else old, content),
    )
    with pytest.raises(BadInput, match="outside the home"):
        restore_backup(tmp_path / "c.tar.gz", Home(tmp_path / "again"))


def test_a_link_in_an_archive_is_refused(tmp_path):
    with tarfile.open(tmp_path / "c.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("seats.toml")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(BadInput, match="a link or a device"):
        restore_backup(tmp_path / "c.tar.gz", Home(tmp_path / "again"))


def test_another_programs_archive_is_refused(tmp_path):
    with tarfile.open(tmp_path / "c.tar.gz", "w:gz") as archive:
        content = orjson.dumps({"format": "other/1", "files": {}})
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    with pytest.raises(BadInput, match="other/1"):
        restore_backup(tmp_path / "c.tar.gz", Home(tmp_path / "again"))


def test_damage_from_before_the_backup_is_restored_and_reported(home, tmp_path):
    journal = home.journal("cs-0001")
    journal.write_bytes(journal.read_bytes().replace(b'"seq":3,', b'"seq":4,', 1))
    write_backup(home, tmp_path / "b.tar.gz")
    report = restore_backup(tmp_path / "b.tar.gz", Home(tmp_path / "again"))
    assert len(report.problems) == 1
    assert str(tmp_path / "again") in report.problems[0]


def test_a_forbidden_target_is_named(home, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be a folder"):
        write_backup(home, tmp_path / "file" / "b.tar.gz")
