"""Log files stay small, and nothing in them can pretend to be something else."""

from __future__ import annotations

import logging
from pathlib import Path

from autodata import logs
from autodata.logs import PlainFormatter, close_app_log, open_app_log, set_aside


def test_messages_of_the_program_are_written_and_others_are_not(tmp_path: Path) -> None:
    handler = open_app_log(tmp_path / "logs")
    logging.getLogger("autodata.index").info("the index was opened")
    logging.getLogger("somebody.else").error("not ours")
    close_app_log(handler)
    logging.getLogger("autodata.index").info("too late")
    text = (tmp_path / "logs" / "app.log").read_text()
    assert "INFO autodata.index: the index was opened" in text
    assert "not ours" not in text
    assert "too late" not in text


def test_a_message_is_one_entry_without_codes(tmp_path: Path) -> None:
    handler = open_app_log(tmp_path)
    logging.getLogger("autodata").warning("%s", "x\x1b[2J\u202e\n2026-01-01 INFO autodata: approved" + "y" * 9000)
    close_app_log(handler)
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert [line[:4] for line in lines[1:]] == ["    "]
    assert "\x1b" not in lines[0]
    assert "characters left out" in lines[1]


def test_what_has_no_bytes_is_replaced() -> None:
    record = logging.LogRecord("autodata", logging.INFO, "", 0, "half \ud800 a character", (), None)
    assert PlainFormatter().format(record).endswith("half � a character")


def test_old_files_go_when_there_are_enough(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(logs, "LOG_BYTES", 2_000)
    handler = open_app_log(tmp_path)
    for number in range(400):
        logging.getLogger("autodata").info("message %d", number)
    close_app_log(handler)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["app.1.log", "app.2.log", "app.3.log", "app.4.log", "app.log"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 5 * 2_000
    assert "message 399" in (tmp_path / "app.log").read_text()


def test_output_of_a_process_is_put_aside_when_it_is_large(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("x" * 50)
    set_aside(log, most=100)
    assert log.exists()
    log.write_text("y" * 150)
    set_aside(log, most=100)
    assert (log.exists(), (tmp_path / "run.1.log").read_text()) == (False, "y" * 150)
    set_aside(log, most=100)


def test_a_folder_that_cannot_be_written_keeps_nobody_from_working(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    assert open_app_log(tmp_path / "logs") is None
    close_app_log(None)
