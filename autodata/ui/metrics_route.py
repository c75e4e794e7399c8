"""`/metrics`: this process's home for Prometheus. For this machine alone, or for whoever has the token."""

from __future__ import annotations

import os
import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from autodata.errors import AutodataError
from autodata.operations.metrics import CONTENT_TYPE, render_metrics
from autodata.ui.access import is_own_machine, is_passed_on
from autodata.ui.state import get_workbench

TOKEN = "AUTODATA_METRICS_TOKEN"
"""Environment variable; where it is set, every request has to bear it."""


async def serve_metrics(request: Request) -> Response:
    """The metrics; 401 or 403 for who may not read them, 503 while the index cannot be read."""
    token = os.environ.get(TOKEN, "")
    if token:
        if not secrets.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
            return PlainTextResponse(f"send the token of {TOKEN} as a bearer token\n", status_code=401)
    elif request.client is None or not is_own_machine(_quote(request.client.host)) or is_passed_on(request.headers):
        return PlainTextResponse(f"only for this machine; set {TOKEN} to read it from others\n", status_code=403)
    try:
        return Response(await run_in_threadpool(_render), media_type=CONTENT_TYPE)
    except AutodataError as error:
        return PlainTextResponse(f"{error}\n", status_code=503)


def _render() -> bytes:
    bench = get_workbench()
    return render_metrics(bench.home, bench.index, bench.ingest.last_pass, bool(bench.ingest.last_error))


def _quote(host: str) -> str:
    return f"[{host}]" if ":" in host else host
