"""Attacks 5 to 7: markup, a document that fetches, formulae in tables."""

from __future__ import annotations

import shutil
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from singula.deliver.cells import NUMBER, safe_cell
from singula.deliver.pdf import render_pdf
from tests.deliver.plans import full_plan, with_text
from tests.security.attacks.conftest import corpus
from tests.security.test_escaping import shape_of
from tests.serve.real import RealServer


@pytest.mark.shared
def test_attack_05_markup_in_what_people_type_stays_text_on_the_servers_pages(shared: Path, real: RealServer) -> None:
    ann = real.token("ann", "patient/*.rs")

    def page(text: str) -> str:
        return str(real.get("/people/p1/access", ann, params={"actor": text, "resource": ""}).text)

    pages = [page(text) for text in corpus(shared, "markup", "text") if text]
    assert len({str(shape_of(one[: one.index("<h2>Who saw it")])) for one in pages}) == 1
    for text in corpus(shared, "markup", "text"):
        refused = real.http.request("POST", "/login", data={"username": text, "password": text})
        assert refused.status_code == 401
        assert "alert(" not in refused.text


@pytest.mark.browser
def test_attack_05_a_browser_runs_and_fetches_nothing(real: RealServer, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    hostile = "<img src=http://evil.example/x onerror=alert(1)>\"'><script>alert(2)</script>"
    headers = {"Singula-Purpose": "BTG", "Singula-Reason": f"emergency {hostile}"}
    real.get("/fhir/Patient/p1", real.token("doc"), headers=headers)
    page = real.get("/people/p1/access", real.token("ann", "patient/*.rs"), params={"actor": hostile})
    assert "emergency" in page.text
    (tmp_path / "access.html").write_text(page.text, encoding="utf-8")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"])
        tab = started.new_page()
        seen: list[str] = []
        tab.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: seen.append(request.url) if "evil" in request.url else None)
        tab.goto((tmp_path / "access.html").as_uri())
        assert tab.evaluate("document.querySelectorAll('main img, main script, main svg').length") == 0
        assert hostile in tab.inner_text("main")
        assert seen == []
        started.close()


def test_attack_06_the_printed_document_reads_no_file_and_calls_nobody(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARYFILE")
    hits: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]

        def listen() -> None:
            try:
                connection, _ = listener.accept()
                hits.append(connection.recv(100))
            except TimeoutError:
                return

        thread = threading.Thread(target=listen)
        thread.start()
        for text in (f'#read("{secret}")', f'#image("http://127.0.0.1:{port}/x.png")', f'<img src="http://127.0.0.1:{port}/x">',
                     f'#link("file://{secret}")[x]', f"#include \"{secret}\"", '#eval("read(\\"/etc/passwd\\")")'):  # fmt: skip
            made = render_pdf(with_text(full_plan(), text))
            assert made.startswith(b"%PDF-")
            assert b"CANARYFILE" not in made
            assert b"/URI" not in made
        thread.join()
    assert hits == []


@pytest.mark.shared
def test_attack_07_no_cell_of_a_table_begins_like_a_formula(shared: Path, real: RealServer) -> None:
    texts = corpus(shared, "formulae", "text")
    for text in texts:
        cell = safe_cell(text)
        assert cell == "-5" if text == "-5" else not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")), text
        assert not set("\t\r\n") & set(cell)
    for text in texts:
        real.ask("GET", f"/fhir/{text.replace(' ', '')}", "x" * 43) if text.isascii() and text.isprintable() else None
    assert any(one["resource"].startswith("=HYPERLINK") for one in real.shop.run("audit", "list")["entries"])
    assert listed_cells(real) == []


def listed_cells(real: RealServer) -> list[str]:
    """Return the cells of the audit's table that begin like a formula."""
    from singula.cli.main import main

    real.shop.capsys.readouterr()
    assert main(["audit", "list", "--data", str(real.shop.folder / "store")]) == 0
    lines: list[Any] = real.shop.capsys.readouterr().out.splitlines()
    return [
        cell for line in lines for cell in line.split("\t") if cell.startswith(("=", "+", "-", "@")) and not NUMBER.match(cell)
    ]
