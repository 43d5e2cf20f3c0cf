"""A server, a browser and pictures for the tests of the studio page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.server.serving import Running, serving

pytest.importorskip("playwright", reason="the package playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Watched:
    """A page in the browser, and everything that must not happen on it."""

    page: Any
    faults: list[str] = field(default_factory=list)
    """Messages of the console, errors of scripts, and violations of the Content-Security-Policy."""
    foreign: list[str] = field(default_factory=list)
    """Requests to other origins."""


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server without keys, as ``idphoto studio`` starts it."""
    with serving(tmp_path_factory.mktemp("studio"), "--no-auth", workers="2") as running:
        yield running


@pytest.fixture(scope="session")
def start_browser() -> Iterator[Callable[..., Any]]:
    """Return a function that starts Debian's Chromium with some flags; skips where it is not installed."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started: list[Any] = []

        def start(*flags: str) -> Any:
            started.append(playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags]))
            return started[-1]

        yield start
        for browser in started:
            browser.close()


@pytest.fixture(scope="session")
def browser(start_browser: Callable[..., Any]) -> Any:
    """A browser without a camera."""
    return start_browser()


@pytest.fixture
def visit(browser: Any, studio: Running) -> Iterator[Callable[..., Watched]]:
    """Return a function that opens the page in a window of its own; at the end, nothing bad may have happened."""
    contexts, opened = [], []

    def open_page(url: str = "", quiet: bool = True, **options: Any) -> Watched:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, "locale": "en-GB", **options})
        context.set_default_timeout(90_000)
        contexts.append(context)
        page = context.new_page()
        watched = Watched(page)
        origin = url or studio.url
        page.on("console", lambda message: watched.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: watched.faults.append(str(error)))
        page.on("request", lambda request: None if _is_own(request, origin) else watched.foreign.append(request.url))
        page.goto(origin)
        page.wait_for_selector("h1")
        opened.append((watched, quiet))
        return watched

    yield open_page
    for context in contexts:
        context.close()
    for watched, quiet in opened:
        assert not watched.foreign
        assert not quiet or not watched.faults


def _is_own(request: Any, origin: str) -> bool:
    return bool(request.url.startswith((origin, "blob:")))


def choose_document(page: Any, words: str, spec_id: str) -> None:
    """Search for a document and take the first that is found."""
    page.fill("#query", words)
    page.wait_for_selector(f"#document-0[data-document='{spec_id}']")
    page.press("#query", "Enter")


def make(page: Any, photo: Path, spec_id: str, words: str = "") -> None:
    """Go the way from a photo and a document to the result."""
    choose_document(page, words or spec_id, spec_id)
    page.set_input_files("#file", photo)
    page.wait_for_selector(".verdict")


def wait_for_update(page: Any) -> None:
    """Wait until a photo that is being made again is there."""
    page.wait_for_selector(".stage-panel.busy")
    page.wait_for_selector(".stage-panel:not(.busy)")


def download(page: Any, selector: str, folder: Path) -> Path:
    """Click on something that saves a file, and return the file."""
    with page.expect_download() as started:
        page.click(selector)
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path
