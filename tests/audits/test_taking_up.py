"""Audits of one run with different models, one after the other: the last word is that of the audit started last."""

from __future__ import annotations

import shutil

import pytest

from autodata import audits
from autodata.audit.fresh.stored import read_results
from autodata.audits import AuditOrder
from autodata.audits.report import report_audit
from autodata.home import Home
from autodata.index import open_index
from autodata.index.auditing import audit_pending
from autodata.index.ingest import ingest_home
from autodata.journal import read_records
from tests.support.audited_home import RUN, make_audited_home


@pytest.fixture
def home(tmp_path, tmp_path_factory):
    shutil.copytree(make_audited_home(tmp_path_factory), tmp_path / "home")
    return Home(tmp_path / "home")


def audit(home, seed):
    """One task is certified with three answers a side."""
    task = report_audit(home, RUN).tasks[0].task.id
    order = AuditOrder(RUN, tasks=(task,), checks=("K1",), most=3, seed=seed)
    audits.create_audit(home, audits.draft_audit(home, order))
    return task, audits.execute_audit(home, RUN)


def count_checks(home):
    return sum(record.kind == "check" for record in read_records(home.audit_journal(RUN)))


def test_results_come_back_when_the_first_seats_do(home):
    task, _ = audit(home, seed=0)
    first = read_results(home.audit_journal(RUN))[task]["K1"]
    audit(home, seed=1)
    assert read_results(home.audit_journal(RUN))[task]["K1"] != first
    _, again = audit(home, seed=0)
    assert again.totals["calls"] == 0
    assert read_results(home.audit_journal(RUN))[task]["K1"] == first
    with open_index(home) as index:
        ingest_home(index, home)
        audit_pending(index, home)
        ((certified,),) = index.query("SELECT certified FROM audits WHERE task_id = ?", [task])
    assert certified == pytest.approx(first.numbers["gap"])


def test_what_still_holds_is_not_written_down_again(home):
    audit(home, seed=0)
    before = count_checks(home)
    audit(home, seed=0)
    assert count_checks(home) == before
