"""A browser for pages: Debian's Chromium without a window, and a record of what pages ask for and complain of."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Dialog, Page, Route


class Opened(NamedTuple):
    """A page in the browser. `asked` are the addresses that it wanted, its own first; `said` is what went to the console."""

    page: Page
    asked: list[str]
    said: list[str]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright, which the extra `dev` has")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium: apt install chromium")
    with playwright.sync_playwright() as running:
        # As root there is no sandbox; what is opened here these tests have made themselves.
        chromium = running.chromium.launch(executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Opens HTML as a file, with the width of the window and the colour scheme; `script` False: without JavaScript."""
    contexts = []

    def visit(html: str, *, width: int = 1400, scheme: str = "light", script: bool = True, fragment: str = "") -> Opened:
        path = tmp_path / "report.html"
        path.write_text(html, "utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        asked: list[str] = []
        said: list[str] = []

        def passed(route: Route) -> None:
            asked.append(route.request.url)
            if route.request.url.partition("#")[0] == path.as_uri():
                route.continue_()
            else:
                route.abort()

        def answered(dialog: Dialog) -> None:
            said.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        context.route("**/*", passed)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", answered)
        page.goto(path.as_uri() + fragment)
        return Opened(page, asked, said)

    yield visit
    for context in contexts:
        context.close()
