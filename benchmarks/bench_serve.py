"""How quickly the server answers, over loopback, from a store on disk: a hook on a stored patient, a read, a search."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.serve.requests import order_request, person

REQUESTS = 400
CLIENTS = 4
P95_MS, LEAST_PER_SECOND = 60.0, 100.0
MEDICINES = ("clopidogrel", "simvastatin", "omeprazole", "acetaminophen")


def singula(*words: str, folder: Path) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "singula", *words, "--data", str(folder), "--json"], capture_output=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """Start a server over a store of two hundred people and yield its port and a token."""
    folder = tmp_path_factory.mktemp("served")
    file = folder / "people.ndjson"
    file.write_text("\n".join(json.dumps(one) for n in range(200) for one in person(f"p{n}")) + "\n")
    data = folder / "store"
    singula("import", str(file), folder=data)
    singula("user", "add", "doc", "--role", "clinician", folder=data)
    for n in range(20):
        singula("consent", "grant", f"p{n}", "--actor", "user:doc", folder=data)
    token = singula("token", "issue", "--user", "doc", "--scope", "user/*.rs", "--minutes", "60", folder=data)["access_token"]
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    words = [sys.executable, "-m", "singula", "serve", "--data", str(data), "--port", str(port)]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL, env={**os.environ})
    for _ in range(200):
        try:
            if ask(http.client.HTTPConnection("127.0.0.1", port), "GET", "/healthz", None, "")[0] == 200:
                break
        except OSError:
            time.sleep(0.1)
    yield port, token
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None, token: str) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, body, headers if token else {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def load(port: int, token: str, questions: list[tuple[str, str, bytes | None]]) -> tuple[float, float, float]:
    """Ask by several clients at once; return requests a second, median and 95th percentile in milliseconds."""
    times: list[float] = []

    def work(mine: list[tuple[str, str, bytes | None]]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for method, path, body in mine:
            started = time.perf_counter()
            status, _ = ask(connection, method, path, body, token)
            times.append((time.perf_counter() - started) * 1000)
            assert status == 200, path

    work(questions[:20])
    times.clear()
    threads = [threading.Thread(target=work, args=(questions[n::CLIENTS],)) for n in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    return len(times) / seconds, statistics.median(times), statistics.quantiles(times, n=20)[-1]


def hooks(*, is_new: bool) -> list[tuple[str, str, bytes | None]]:
    found: list[tuple[str, str, bytes | None]] = []
    for n in range(REQUESTS):
        draft = f"d{n}" if is_new else "d1"
        body = order_request(MEDICINES[n % len(MEDICINES)], patient=f"p{n % 20}", draft=draft)
        found.append(("POST", "/cds-services/singula-order-sign", json.dumps(body).encode()))
    return found


QUESTIONS = {
    "order-sign, asked before": hooks(is_new=False),
    "order-sign, never asked": hooks(is_new=True),
    "read": [("GET", f"/fhir/Observation/p{n % 20}-geno", None) for n in range(REQUESTS)],
    "search": [("GET", f"/fhir/Observation?patient=p{n % 20}&code=84413-4", None) for n in range(REQUESTS)],
}


@pytest.mark.parametrize("what", QUESTIONS)
def test_answers_over_loopback(benchmark: Any, served: tuple[int, str], what: str) -> None:
    port, token = served
    rate, median, p95 = benchmark.pedantic(load, args=(port, token, QUESTIONS[what]), rounds=1, iterations=1)
    print(f"{what}: {rate:.0f} requests/s, median {median:.1f} ms, p95 {p95:.1f} ms")
    benchmark.extra_info.update({"requests_per_second": rate, "median_ms": median, "p95_ms": p95})
    if what == "order-sign, asked before":
        assert p95 <= P95_MS
        assert rate >= LEAST_PER_SECOND
