"""Commands on the team that reviews: its rules, how far it agrees, canaries."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from autodata.cli.data import open_reading_index
from autodata.cli.options import HomeOption, JsonOption
from autodata.cli.output import print_json, print_table, report_errors, say
from autodata.errors import BadInput
from autodata.home import open_home
from autodata.review.agreement import Agreement
from autodata.review.canaries import Recall, plant_canaries
from autodata.review.entry import check_reviewer
from autodata.review.reviewers import ReviewerReport, TeamReport, measure_team
from autodata.review.team import Team, describe_team, load_team, parse_team, record_team

team_app = typer.Typer(no_args_is_help=True, help="Who may do what, and how many must agree on a task.")
canaries_app = typer.Typer(no_args_is_help=True, help="Planted faults, to learn how many of them reviewers catch.")

SIDES = {"all": "People and judge, by criterion", "weak": "… on weak answers", "strong": "… on strong answers"}


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.add_typer(team_app, name="team")
    app.add_typer(canaries_app, name="canaries")
    app.command()(agreement)


@team_app.command("show")
def show_team(home: HomeOption = None, json: JsonOption = False) -> None:
    """The rules in force."""
    with report_errors(json):
        _print_team(load_team(open_home(home)), json)


@team_app.command("set")
def set_team(
    reviewer: Annotated[str, typer.Option(help="Who changes the rules; in a team with roles that takes a lead.")],
    quorum: Annotated[int | None, typer.Option(help="How many reviewers must agree on a task.")] = None,
    blind: Annotated[
        bool | None, typer.Option("--blind/--open", help="Whether others' votes are hidden until one has voted.")
    ] = None,
    lease_minutes: Annotated[
        float | None, typer.Option("--lease-minutes", help="How long a task on screen is kept for its reviewer.")
    ] = None,
    others: Annotated[str, typer.Option(help="Role of everybody who is not named: viewer, reviewer or lead.")] = "",
    lead: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A lead; repeat for several.")] = None,
    member: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A reviewer; repeat for several.")] = None,
    viewer: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A viewer; repeat for several.")] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Somebody without a role any more.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Put new rules in force; what is not given stays as it is. The first lead makes everybody else a reviewer.

    Example: autodata team set --quorum 2 --lead Lea --reviewer Lea
    """
    with report_errors(json):
        place = open_home(home)
        before = load_team(place)
        roles = dict(before.roles)
        for names, role in ((lead, "lead"), (member, "reviewer"), (viewer, "viewer")):
            roles |= {check_reviewer(name): role for name in names or ()}  # type: ignore[misc]
        for name in remove or ():
            if roles.pop(check_reviewer(name), None) is None:
                raise BadInput(f"{name} has no role of their own; known are {', '.join(roles) or 'none'}")
        first = lead and not before.roles and not others
        values = {
            **describe_team(before),
            "roles": roles,
            "quorum": before.quorum if quorum is None else quorum,
            "blind": before.blind if blind is None else blind,
            "lease_minutes": before.lease_minutes if lease_minutes is None else lease_minutes,
            "others": others or ("reviewer" if first else before.others),
        }
        _print_team(record_team(place, parse_team(values), reviewer), json)


def agreement(home: HomeOption = None, json: JsonOption = False) -> None:
    """How far reviewers agree beyond chance, with each other and with the judge; what they catch, and their pace."""
    with report_errors(json):
        place = open_home(home)
        with open_reading_index(place) as index:
            report = measure_team(place, index)
        _print_report(report)
        if json:
            print_json(describe_report(report))


@canaries_app.command("plant")
def plant(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Run whose accepted tasks are copied.")],
    reviewer: Annotated[str, typer.Option(help="Who plants; in a team with roles that takes a lead.")],
    count: Annotated[int, typer.Option(help="How many tasks to copy.")] = 6,
    seed: Annotated[int, typer.Option(help="Which tasks are drawn.")] = 0,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Put copies of accepted tasks, each with one fault, into the queue. They are never counted and never exported.

    Example: autodata canaries plant cs-0001 --count 6 --reviewer Lea
    """
    with report_errors(json):
        planted = plant_canaries(open_home(home), run, count, reviewer, seed)
        say(f"{count} canaries stand in the queue as run {planted}. Reviewers cannot tell them from tasks.")
        if json:
            print_json({"run_id": planted, "copied_from": run, "count": count})


def describe_report(report: TeamReport) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "doubled": report.doubled,
        "pairs": [{"people": [pair.first, pair.second], **_describe(pair.agreement)} for pair in report.pairs],
        "group": _describe(report.group) if report.group else None,
        "everyone": _describe(report.everyone),
        "judge": {side: _describe(found) for side, found in report.judge},
        "reviewers": [_describe_reviewer(one) for one in report.reviewers],
        "planted": report.planted,
    }


def _describe(found: Agreement) -> dict[str, Any]:
    names = ("measure", "value", "low", "high", "raw", "items", "note")
    return {name: getattr(found, name) for name in names}


def _describe_reviewer(one: ReviewerReport) -> dict[str, Any]:
    names = ("reviewer", "votes", "decided", "skipped", "seconds", "approvals", "approval_seconds")
    recall = one.recall
    return {
        **{name: getattr(one.work, name) for name in names},
        "quick": one.quick,
        "recall": None
        if recall is None
        else {
            "caught": recall.caught,
            "decided": recall.decided,
            "low": recall.rate.low,
            "high": recall.rate.high,
            "by_fault": dict(recall.by_fault),
        },
    }


def _print_team(team: Team, json: bool) -> None:
    hidden = "others' votes are hidden until one has voted" if team.blind else "votes are shown as they come"
    needed = "one decision settles a task" if team.quorum == 1 else f"{team.quorum} reviewers must agree"
    say(f"{needed}; {hidden if team.quorum > 1 else 'nothing is hidden'}.".capitalize())
    say(f"A task on screen is kept for its reviewer for {team.lease_minutes:g} minutes.")
    for name, role in sorted(team.roles.items()):
        say(f"{name}: {role}")
    say(f"Everybody {'else' if team.roles else ''} is a {team.others}.".replace("  ", " "))
    if json:
        print_json(describe_team(team))


def _print_report(report: TeamReport) -> None:
    found = [(f"{pair.first} and {pair.second}", "Cohen", pair.agreement) for pair in report.pairs]
    found += [("All together", "Fleiss", report.group)] if report.group else []
    found += [("Whoever voted", "Krippendorff", report.everyone)]
    found += [(SIDES[side], "Cohen", one) for side, one in report.judge if side == "all" or one.items]
    rows = [[who, measure, _write_value(one), _write_interval(one), one.items, one.note] for who, measure, one in found]
    print_table("", ["Between", "Measure", "Agreement", "95 % interval", "n", ""], rows, numbers={"Agreement", "n"})
    say(f"Tasks with votes of two people or more, given without sight of each other: {report.doubled:,}.")
    for one in report.reviewers:
        say(_describe_pace(one))


def _write_value(found: Agreement) -> str:
    return "–" if found.value is None else f"{found.value:.2f}"


def _write_interval(found: Agreement) -> str:
    return "" if found.low is None or found.high is None else f"{found.low:.2f} to {found.high:.2f}"


def _describe_pace(one: ReviewerReport) -> str:
    work = one.work
    pace = "" if work.seconds is None else f", {work.seconds:.0f} s a task (median)"
    words = f"{work.reviewer}: {work.decided:,} decisions{pace}"
    if one.recall:
        words += f"; {_describe_recall(one.recall)}"
    if one.quick:
        words += f"; half of {work.approvals} approvals took under 0.5 s, which is no evidence of error: look at some"
    return f"{words}."


def _describe_recall(recall: Recall) -> str:
    between = ""
    if recall.rate.low is not None and recall.rate.high is not None:
        between = f" (95 % interval {recall.rate.low:.0%} to {recall.rate.high:.0%})"
    return f"caught {recall.caught} of {recall.decided} planted faults{between}"
