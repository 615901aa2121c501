"""The key comes from a file, a command or the environment; what gives none is told without telling what it gave."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from singula.errors import BadInput
from singula.govern.keys import find_key

KEY, HEX = b"\xab" * 32, "ab" * 32


def command(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def test_the_key_is_found_in_the_order_of_the_names(tmp_path: Path) -> None:
    raw, text = tmp_path / "raw", tmp_path / "text"
    raw.write_bytes(b"r" * 32)
    text.write_text(f"{HEX}\n")
    asks = command(f"print('{HEX}')")
    assert find_key(str(raw), {"SINGULA_KEY_FILE": str(text)}) == b"r" * 32
    assert find_key(None, {"SINGULA_KEY_FILE": str(text), "SINGULA_KEY_COMMAND": "false"}) == KEY
    assert find_key(None, {"SINGULA_KEY_COMMAND": asks, "SINGULA_KEY": "00" * 32}) == KEY
    assert find_key(None, {"SINGULA_KEY_COMMAND": command("import sys; sys.stdout.buffer.write(b'r' * 32)")}) == b"r" * 32
    assert find_key(None, {"SINGULA_KEY": HEX}) == KEY
    assert find_key(None, {}) is None


@pytest.mark.parametrize("environment", [{"SINGULA_KEY": "secret-canary"},
                                         {"SINGULA_KEY_COMMAND": command("print('secret-canary')")},
                                         {"SINGULA_KEY_COMMAND": command("print('secret-canary'); raise SystemExit(1)")},
                                         {"SINGULA_KEY_COMMAND": "/no/such/program"}, {"SINGULA_KEY_COMMAND": "'"},
                                         {"SINGULA_KEY_COMMAND": " "}, {"SINGULA_KEY_FILE": "/no/such/file"}])  # fmt: skip
def test_what_gives_no_key_is_told_and_nothing_of_what_it_gave(environment: dict[str, str]) -> None:
    with pytest.raises(BadInput) as told:
        find_key(None, environment)
    assert next(iter(environment)) in str(told.value) or "/no/such/file" in str(told.value)
    assert "secret-canary" not in str(told.value)
    assert "\n" not in str(told.value)
