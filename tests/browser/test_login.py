"""Logging in for real: a provider, the redirect, and decisions under the account that came back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from autodata.home import Home, open_home
from autodata.journal import read_records
from tests.browser.conftest import ROOT, _find_free_port, _wait_until_healthy, settle
from tests.support.journals import write_run
from tests.support.oidc_provider import CLIENT, SECRET, Provider, serve_provider

pytestmark = pytest.mark.browser

ADA = {"sub": "0123456789", "email": "Ada@Example.org", "email_verified": True, "name": "Ada"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Home, Provider]]:
    """The app with a login configured: its address, home and provider."""
    home, port = open_home(tmp_path_factory.mktemp("home")), _find_free_port()
    write_run(home, "cs-1", 3, plans=[("accepted",)])
    address = f"http://localhost:{port}"
    with serve_provider(ADA) as provider:
        secrets = tmp_path_factory.mktemp("secrets") / "secrets.toml"
        secrets.write_text(
            f'[auth]\nredirect_uri = "{address}/oauth2callback"\ncookie_secret = "{"x" * 40}"\nclient_id = "{CLIENT}"\n'
            f'client_secret = "{SECRET}"\nserver_metadata_url = "{provider.address}/.well-known/openid-configuration"\n'
        )
        server = subprocess.Popen(
            [
                sys.executable, "-m", "streamlit", "run", "app.py", "--secrets.files", str(secrets),
                "--server.headless", "true", "--server.address", "localhost", "--server.port", str(port),
                "--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false",
            ],
            cwd=ROOT, env={**os.environ, "AUTODATA_HOME": str(home.root)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait_until_healthy(address, server)
            yield address, home, provider
        finally:
            server.terminate()
            server.wait(timeout=30)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def log_in(page: Page, address: str) -> None:
    page.goto(f"{address}/tasks")
    settle(page)
    expect(page.get_by_text("Log in to see tasks and decide on them")).to_be_visible()
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("From source to dataset")).to_be_visible(timeout=60_000)


def test_a_person_logs_in_decides_under_their_account_and_logs_out(site, page: Page) -> None:
    address, home, _ = site
    log_in(page, address)
    page.goto(f"{address}/review")
    settle(page)
    page.get_by_role("button", name="Approve").click()
    page.wait_for_timeout(500)
    settle(page)
    assert next(iter(read_records(home.reviews))).data["reviewer"] == "ada@example.org"
    page.goto(f"{address}/settings")
    settle(page)
    expect(page.get_by_text("by login, so it cannot be typed")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("Log in to see tasks and decide on them")).to_be_visible(timeout=60_000)


def test_an_account_that_nothing_vouches_for_gets_a_name_of_its_own(site, page: Page) -> None:
    address, _, provider = site
    provider.claims = {**ADA, "email_verified": False, "name": "ada@example.org"}
    log_in(page, address)
    page.goto(f"{address}/settings")
    settle(page)
    expect(page.get_by_text("ada@example.org (01234567)").first).to_be_visible()
