"""On this machine's address the app answers to its names only; served beyond it, nobody acts without a login."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from autodata.errors import BadInput
from autodata.home import Home
from autodata.review.decisions import record_decision
from autodata.ui.access import find_exposure, is_own_machine, is_passed_on
from autodata.ui.host_guard import HostGuard
from autodata.ui.metrics_route import TOKEN, serve_metrics
from autodata.ui.reviewer import get_reviewer, set_reviewer
from autodata.ui.state import get_workbench
from tests.support.journals import write_run
from tests.support.page_driver import PageDriver, use_home

OWN = ("127.0.0.1", "127.0.0.1:8501", "localhost", "localhost:8501", "LOCALHOST", "app.localhost", "[::1]:8501", "::1",
       "127.9.9.9", "unix:///tmp/socket", "localhost.")  # fmt: skip
FOREIGN = ("", "0.0.0.0", "::", "192.168.1.7:8501", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
           "x#localhost", "localhost@evil.example", "[fe80::1]", "notlocalhost", "[", "127.0.0.1 evil")  # fmt: skip


@pytest.mark.parametrize("host", OWN)
def test_names_of_this_machine(host: str) -> None:
    assert is_own_machine(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_names_of_others(host: str) -> None:
    assert not is_own_machine(host)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "x-real-ip", "Forwarded"])
def test_a_proxy_says_that_a_request_came_from_elsewhere(header: str) -> None:
    assert is_passed_on({header: "192.0.2.7"})
    assert not is_passed_on({"Host": "localhost"})


async def say_ok(_: Request) -> PlainTextResponse:
    return PlainTextResponse("tasks")


async def accept(socket: WebSocket) -> None:
    await socket.accept()


APP = Starlette(routes=[Route("/", say_ok), WebSocketRoute("/stream", accept), Route("/metrics", serve_metrics)])


async def request(
    kind: str, path: str, host: str, *, guarded: bool = True, client: str = "127.0.0.1", **headers: str
) -> list[dict[str, Any]]:
    """The messages that the app sends."""
    sent: list[dict[str, Any]] = []
    given = [(b"host", host.encode()), *((k.replace("_", "-").encode(), v.encode()) for k, v in headers.items())]
    scope = {
        "type": kind, "path": path, "raw_path": path.encode(), "method": "GET", "headers": given, "query_string": b"",
        "scheme": "http", "server": ("127.0.0.1", 8501), "client": (client, 5), "subprotocols": [],
        "http_version": "1.1",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return (
            {"type": "http.request", "body": b"", "more_body": False}
            if kind == "http"
            else {"type": "websocket.connect"}
        )

    async def send(message: Any) -> None:
        sent.append(message)

    await HostGuard(APP, lambda: guarded)(scope, receive, send)
    return sent


@pytest.mark.parametrize("host", ["evil.example:8501", "192.168.1.7:8501", ""])
async def test_a_foreign_name_reaches_neither_page_nor_session(host: str) -> None:
    answer = await request("http", "/", host)
    assert answer[0]["status"] == 403
    assert b"tasks" not in answer[1]["body"]
    assert (await request("websocket", "/stream", host))[0]["type"] == "websocket.close"


async def test_an_own_name_reaches_both_and_the_page_cannot_be_framed() -> None:
    answer = await request("http", "/", "localhost:8501")
    assert (answer[0]["status"], answer[1]["body"]) == (200, b"tasks")
    assert (b"content-security-policy", b"frame-ancestors 'self'") in answer[0]["headers"]
    assert (await request("websocket", "/stream", "localhost:8501"))[0]["type"] == "websocket.accept"


async def test_where_people_log_in_the_app_has_any_name() -> None:
    assert (await request("http", "/", "autodata.example.org", guarded=False))[0]["status"] == 200


@pytest.fixture
def home(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    with use_home(tmp_path / "home", monkeypatch) as opened:
        yield opened


async def test_metrics_are_for_this_machine(home: Home) -> None:
    assert (await request("http", "/metrics", "localhost"))[0]["status"] == 200
    assert (await request("http", "/metrics", "localhost", client="::1"))[0]["status"] == 200
    assert (await request("http", "/metrics", "localhost", client="192.0.2.7"))[0]["status"] == 403
    assert (await request("http", "/metrics", "localhost", x_forwarded_for="192.0.2.7"))[0]["status"] == 403


async def test_metrics_with_a_token_take_it_from_everybody(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "s3cret-token")
    get = [await request("http", "/metrics", "localhost", authorization=value) for value in ("", "Bearer s3cret-toke")]
    assert [answer[0]["status"] for answer in get] == [401, 401]
    assert all(b"s3cret" not in answer[1]["body"] for answer in get)
    right = await request("http", "/metrics", "localhost", client="192.0.2.7", authorization="Bearer s3cret-token")
    assert right[0]["status"] == 200


def test_on_this_machine_whoever_sits_there_may_act() -> None:
    assert find_exposure() == ""


@pytest.mark.parametrize("page", ["overview", "runs", "tasks", "review", "audit", "dataset", "recipes", "settings"])
def test_every_page_warns_where_others_reach_it(home: Home, page: str, exposed: None) -> None:
    write_run(home, "cs-1", 1)
    said = PageDriver(home, page).text("main.exposed")
    assert "0.0.0.0 without a login" in said
    assert "127.0.0.1" in said


def test_nobody_has_a_name_where_others_reach_it(home: Home, exposed: None) -> None:
    st.session_state.clear()
    st.session_state["reviewer.name"] = "Lea"
    assert get_reviewer(home) == ""
    with pytest.raises(BadInput, match="without a login"):
        set_reviewer(home, "Lea")
    with pytest.raises(BadInput, match="name"):
        record_decision(home, task_id="t", run_id="r", content_sha="s", verdict="approve", reviewer=get_reviewer(home))


def test_the_keys_of_the_review_page_are_off_where_others_reach_it(home: Home, exposed: None) -> None:
    written = write_run(home, "cs-1", 1, plans=[("accepted",)])
    page = PageDriver(home, "review", task=written.accepted[0])
    assert page.at.button(key=f"review.approve.{written.accepted[0]}").disabled
    assert not any(field.key == "review.name" for field in page.at.text_input)
    get_workbench()
