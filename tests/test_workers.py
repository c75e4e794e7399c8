"""Work in processes of its own: what it prints is kept, what is asked of it is read, its end is waited for."""

import time

import pytest

from autodata.errors import BadInput
from autodata.journal import JournalWriter
from autodata.workers import launch_command, read_request, wait_until_free, write_request


def test_a_launched_command_prints_into_its_log(tmp_path):
    log = tmp_path / "out.log"
    assert launch_command(["status", "--home", str(tmp_path)], log) > 0
    deadline = time.monotonic() + 60
    while not log.read_bytes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert log.read_bytes()


def test_a_request_is_read_back(tmp_path):
    write_request(tmp_path / "control", "pause")
    assert read_request(tmp_path / "control") == "pause"


def test_no_file_asks_for_nothing(tmp_path):
    assert read_request(tmp_path / "control") is None


def test_another_request_is_refused(tmp_path):
    with pytest.raises(BadInput, match="'halt' is unknown; pause or stop"):
        write_request(tmp_path / "control", "halt")
    assert not (tmp_path / "control").exists()


def test_a_journal_somebody_writes_is_not_free(tmp_path):
    path = tmp_path / "journal.jsonl"
    with JournalWriter(path):
        assert not wait_until_free(path, 0.2)
    assert wait_until_free(path, 0.2)
