"""Certify from the page: a real audit in a process of its own, with the built-in models, from the click to the map."""

from __future__ import annotations

from autodata.home import Home
from autodata.journal import JournalWriter, read_records
from autodata.ui.audit import process
from tests.support.journals import write_run
from tests.support.page_driver import PageDriver


def start(home: Home) -> PageDriver:
    write_run(home, "cs-0001", 2, plans=[["accepted"]])
    page = PageDriver(home, "audit")
    page.wait(lambda: page.has("audit.certify"))
    return page


def test_certify_measures_the_gaps_and_shows_them(home: Home) -> None:
    page = start(home).click("audit.certify")
    assert page.text("audit.notice") == ""
    assert "audit of cs-0001 is" in page.text("audit.progress")
    assert not page.has("audit.certify")
    page.wait(lambda: "The gap was measured again on all 2." in page.text("audit.sentence"))
    assert page.at.get("plotly_chart")
    assert sum(record.kind == "audit_started" for record in read_records(home.audit_journal("cs-0001"))) == 1


def test_nothing_starts_while_an_audit_works(home: Home) -> None:
    start(home)
    page = PageDriver(home, "audit", audit__run="cs-0001")
    with JournalWriter(home.audit_journal("cs-0001")) as journal:
        journal.append("label", {"note": "another process holds this journal"})
        page.run()
        assert not page.has("audit.certify")
        assert page.has("audit.pause")


def test_a_refused_start_is_a_sentence(home: Home) -> None:
    page = start(home)
    home.root.joinpath("seats.toml").write_text("[seats.auditor_judge]\nmodel = 3\n")
    page.run()
    assert "seats.toml" in page.text("audit.noseats")
    assert process.NOTICE not in page.at.session_state or page.text("audit.notice") == ""
