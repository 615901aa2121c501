"""Counts and times in the Prometheus text format; labels are route patterns, never what stood in an address."""

from __future__ import annotations

from collections import Counter
from threading import Lock

BOUNDS_MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500)


class Measures:
    """What one server process has done since it started."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._buckets: Counter[tuple[str, int]] = Counter()
        self._seconds: dict[str, float] = {}
        self._cards: Counter[tuple[str, str]] = Counter()

    def note_answer(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer and its time."""
        milliseconds = seconds * 1000
        with self._lock:
            self._answers[(method, route, status)] += 1
            self._seconds[route] = self._seconds.get(route, 0.0) + seconds
            for bound in BOUNDS_MS:
                if milliseconds <= bound:
                    self._buckets[(route, bound)] += 1

    def note_card(self, rule: str, outcome: str) -> None:
        """Count a card that was shown, accepted or overridden, by its rule."""
        with self._lock:
            self._cards[(rule, outcome)] += 1

    def rules(self) -> dict[str, dict[str, int]]:
        """Return how often each rule's cards were shown, accepted and overridden."""
        with self._lock:
            found: dict[str, dict[str, int]] = {}
            for (rule, outcome), count in sorted(self._cards.items()):
                found.setdefault(rule, {})[outcome] = count
        return found

    def write(self) -> str:
        """Return everything in the Prometheus text format."""
        with self._lock:
            lines = ["# TYPE singula_requests_total counter"]
            for (method, route, status), count in sorted(self._answers.items()):
                lines.append(f'singula_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}')
            lines.append("# TYPE singula_request_seconds histogram")
            totals: Counter[str] = Counter()
            for (_, route, _), count in self._answers.items():
                totals[route] += count
            for route, total in sorted(totals.items()):
                lines += [
                    f'singula_request_seconds_bucket{{route="{route}",le="{bound / 1000}"}} {self._buckets[(route, bound)]}'
                    for bound in BOUNDS_MS
                ]
                lines.append(f'singula_request_seconds_bucket{{route="{route}",le="+Inf"}} {total}')
                lines.append(f'singula_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}')
                lines.append(f'singula_request_seconds_count{{route="{route}"}} {total}')
            lines.append("# TYPE singula_cards_total counter")
            for (rule, outcome), count in sorted(self._cards.items()):
                lines.append(f'singula_cards_total{{rule="{_escape(rule)}",outcome="{outcome}"}} {count}')
        return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
