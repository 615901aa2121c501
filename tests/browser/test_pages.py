"""Pages in a real browser: no script runs, nothing is fetched, nothing overflows, in light and dark."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from singula.deliver.clinician_page import render_clinician_page
from singula.deliver.patient_page import render_patient_page
from tests.deliver.plans import full_plan, record, record_with_text, with_text

pytestmark = pytest.mark.browser
ATTACK = "<img src=http://evil.example/x onerror=alert(1)>\"'><script>alert(2)</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


def pages(text: str | None) -> dict[str, str]:
    plan, person = (full_plan(), record()) if text is None else (with_text(full_plan(), text), record_with_text(text))
    return {"plan.html": render_clinician_page(plan), "patient.html": render_patient_page(plan, person)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_is_wider_than_the_window(browser, tmp_path: Path, scheme: str, width: int) -> None:
    for text in (None, "w" * 300):
        for name, content in pages(text).items():
            (tmp_path / name).write_text(content, encoding="utf-8")
            page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
            page.goto((tmp_path / name).as_uri())
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, text)
            assert page.evaluate("getComputedStyle(document.body).maxWidth") == "none"
            page.close()


def test_attacks_open_no_dialog_and_fetch_nothing(browser, tmp_path: Path) -> None:
    for name, content in pages(ATTACK).items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        page = browser.new_page()
        dialogs: list[str] = []
        requests: list[str] = []
        page.on("dialog", lambda dialog, seen=dialogs: (seen.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request, seen=requests: seen.append(request.url))
        page.goto((tmp_path / name).as_uri())
        page.wait_for_timeout(200)
        assert dialogs == []
        assert requests == [(tmp_path / name).as_uri()]
        assert page.evaluate("document.querySelectorAll('script, img').length") == 0
        page.close()


def test_the_policy_lets_the_style_in(browser, tmp_path: Path) -> None:
    (tmp_path / "plan.html").write_text(pages(None)["plan.html"], encoding="utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto((tmp_path / "plan.html").as_uri())
    assert json.loads(page.evaluate("JSON.stringify(getComputedStyle(document.body).margin)")) == "0px"
    assert said == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_break_no_accessibility_rule(browser, tmp_path: Path, scheme: str) -> None:
    script = os.environ.get("SINGULA_AXE")
    if script is None:
        pytest.skip("SINGULA_AXE does not name the file axe.min.js")
    for name, content in pages(None).items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto((tmp_path / name).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        page.add_script_tag(path=script)
        rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
        found = page.evaluate("rules => axe.run(document, {runOnly: rules}).then(result => result.violations)", rules)
        assert [one["id"] for one in found] == []
        context.close()
