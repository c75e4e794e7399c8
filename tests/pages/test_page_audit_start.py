"""Certify from the page: a real audit in a process of its own, with the built-in models, from the click to the map."""

from __future__ import annotations

from typing import Any

from autodata import audits
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


def list_starts(home: Home) -> list[dict[str, Any]]:
    """Starts of audits; the process behind a click writes them once it has read the run."""
    path = home.audit_journal("cs-0001")
    return [r.data for r in read_records(path) if r.kind == "audit_started"] if path.exists() else []


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


def test_auditors_can_be_taken_from_a_seats_file(home: Home) -> None:
    page = start(home).set("audit.models", "file")
    assert "Give the path of a seats file (TOML) under Auditors" in page.text("audit.noseats")
    page.set("audit.seatsfile", str(home.root / "gone.toml"))
    assert "gone.toml does not exist" in page.text("audit.noseats")
    home.root.joinpath("mine.toml").write_text(
        '[endpoints.lab]\nbase_url = "http://127.0.0.1:9/v1"\nmax_tries = 1\n'
        '[seats.auditor_judge]\nendpoint = "lab"\nmodel = "mine"\n'
    )
    page.set("audit.seatsfile", str(home.root / "mine.toml"))
    assert page.has("audit.certify")
    page.click("audit.certify")
    page.wait(lambda: bool(list_starts(home)))
    starts = list_starts(home)
    assert [start["seats"]["seats"]["auditor_judge"]["model"] for start in starts] == ["mine"]
    process.request(home, "cs-0001", "stop")
    assert audits.wait_until_ended(home, "cs-0001", 120)


def test_a_refused_start_is_a_sentence(home: Home) -> None:
    page = start(home)
    home.root.joinpath("seats.toml").write_text("[seats.auditor_judge]\nmodel = 3\n")
    page.run()
    assert "seats.toml" in page.text("audit.noseats")
    assert process.NOTICE not in page.at.session_state or page.text("audit.notice") == ""
