"""The import as a whole: once per content, whole or not at all, dry without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from autodata.errors import BadInput
from autodata.importing.store import ASIDE, import_path
from autodata.importing.upload import save_uploads
from autodata.journal import verify_journal
from autodata.runs import list_run_ids
from tests.importing.builders import make_line, make_paper, make_record, write_json, write_lines


def test_same_file_twice_is_the_same_run_and_says_so(tmp_path, home):
    path = write_lines(tmp_path / "g.jsonl", make_line())
    first = import_path(home, path)
    before = home.journal(first.run_id).read_bytes()
    again = import_path(home, path.rename(tmp_path / "renamed.jsonl"))
    assert (first.existing, again.existing, again.run_id) == (False, True, first.run_id)
    assert home.journal(first.run_id).read_bytes() == before
    assert "already" in again.sentence


def test_other_content_is_another_run(tmp_path, home):
    first = import_path(home, write_lines(tmp_path / "a.jsonl", make_line()))
    second = import_path(home, write_lines(tmp_path / "b.jsonl", make_line(reason="x")))
    assert first.run_id != second.run_id


def test_run_id_does_not_disturb_the_numbers_of_our_own_runs(tmp_path, home):
    run_id = import_path(home, write_lines(tmp_path / "a.jsonl", make_line())).run_id
    assert not run_id[-1].isdigit()


def test_dry_run_writes_nothing_and_says_the_same(tmp_path, home):
    path = write_lines(tmp_path / "g.jsonl", make_line(), "{broken")
    dry = import_path(home, path, dry_run=True)
    assert not home.root.exists()
    real = import_path(home, path)
    assert dry.figures | {"dry_run": False} == real.figures


def test_journal_verifies(tmp_path, home):
    run_id = import_path(home, write_lines(tmp_path / "g.jsonl", make_line(), make_line())).run_id
    assert verify_journal(home.journal(run_id)).ok


def test_nothing_usable_is_bad_input_and_leaves_nothing(tmp_path, home):
    path = write_lines(tmp_path / "g.jsonl", {"format": "autodata-trajectory/1", "rounds": []})
    with pytest.raises(BadInput, match="nothing that can be imported"):
        import_path(home, path)
    assert list_run_ids(home) == []


@pytest.mark.parametrize("text", ["", "\n", "hello", "[1, 2]", "{}", '{"rounds": 5}'])
def test_file_of_no_known_format_is_named(tmp_path, home, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(BadInput, match="no format that can be imported"):
        import_path(home, path)


def test_missing_path_and_unknown_format_are_named(tmp_path, home):
    with pytest.raises(BadInput, match="does not exist"):
        import_path(home, tmp_path / "nowhere")
    with pytest.raises(BadInput, match="format 'xml' is unknown"):
        import_path(home, tmp_path, "xml")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("a.jsonl", make_line(), "generic"),
        ("b.txt", make_paper({"round": 1, "status": "TOO_EASY", "weak_scores": [1.0]}), "jae-hun-cho"),
        ("c.dat", [make_record()], "open-autodata"),
    ],
)
def test_format_is_told_by_the_content(tmp_path, home, name, value, expected):
    assert import_path(home, write_json(tmp_path / name, value), dry_run=True).format == expected


def test_killed_import_leaves_no_run_and_the_next_one_cleans_up(tmp_path, home):
    path = write_lines(tmp_path / "g.jsonl", *(make_line(source={"id": f"s{n}"}) for n in range(4000)))
    code = "import sys; from autodata.importing.store import import_path; from autodata.home import Home; "
    code += "from pathlib import Path; import_path(Home(Path(sys.argv[1])), Path(sys.argv[2]))"
    process = subprocess.Popen([sys.executable, "-c", code, str(home.root), str(path)])
    while not (left := list(home.runs.glob(f"{ASIDE}*/journal.jsonl"))) or not left[0].stat().st_size:
        assert process.poll() is None, "the import was over before it could be killed"
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list_run_ids(home) == []
    report = import_path(home, path)
    assert (report.existing, report.trajectories) == (False, 4000)
    assert list(home.runs.glob(f"{ASIDE}*")) == []


def test_folder_in_the_way_is_named_and_left_alone(tmp_path, home):
    path = write_lines(tmp_path / "g.jsonl", make_line())
    run_id = import_path(home, path, dry_run=True).run_id
    other = home.runs / run_id / "notes.txt"
    other.parent.mkdir(parents=True)
    other.write_text("mine")
    with pytest.raises(BadInput, match="is not an import of this file"):
        import_path(home, path)
    assert other.read_text() == "mine"


def test_imports_at_once_make_one_run(tmp_path, home):
    path = write_lines(tmp_path / "g.jsonl", *(make_line() for _ in range(50)))
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: import_path(home, path), range(4)))
    assert len({report.run_id for report in reports}) == 1
    assert sorted(report.existing for report in reports) == [False, True, True, True]


def test_folder_of_runs_that_cannot_be_written_is_named(tmp_path, home):
    home.root.mkdir()
    home.runs.write_text("not a folder")
    with pytest.raises(BadInput, match="cannot be written"):
        import_path(home, write_lines(tmp_path / "g.jsonl", make_line()))


def test_uploads_of_one_run_lie_together_and_once(home):
    files = [("C:\\x\\run.db", b"a"), ("run.db-wal", b"b")]
    path = save_uploads(home, files)
    assert path.name == "run.db"
    assert path.with_name("run.db-wal").read_bytes() == b"b"
    assert save_uploads(home, list(reversed(files))) == path


def test_upload_name_cannot_leave_its_folder(home):
    path = save_uploads(home, [("../../etc/passwd.json", b"{}")])
    assert path.parent.parent == home.uploads
    assert path.name == "passwd.json"


def test_several_files_are_a_folder(home):
    assert save_uploads(home, [("a.json", b"{}"), ("b.json", b"{}")]).is_dir()


def test_two_uploads_of_one_name_are_refused(home):
    with pytest.raises(BadInput, match="same name"):
        save_uploads(home, [("a/x.json", b"1"), ("b/x.json", b"2")])
