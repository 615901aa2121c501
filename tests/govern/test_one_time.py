"""One-time codes are those of the published vectors, count once, and stand between a password and the record."""

from __future__ import annotations

import hashlib
import io
import time
from pathlib import Path
from typing import Any

import pytest

from singula.errors import BadInput
from singula.govern import signing_in
from singula.govern.occasion import Occasion, on_occasion
from singula.govern.one_time import (
    Factor,
    activate,
    address_of,
    code_at,
    counter_at,
    new_factor,
    open_factor,
    seal_factor,
)
from tests.govern.conftest import Shop

SEED = b"12345678901234567890"
SEEDS: dict[str, tuple[Any, bytes]] = {
    "sha1": (hashlib.sha1, SEED),
    "sha256": (hashlib.sha256, (SEED * 2)[:32]),
    "sha512": (hashlib.sha512, (SEED * 4)[:64]),
}
VECTORS = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]
PASSWORD = "correct horse battery"


@pytest.mark.parametrize(("moment", "sha1", "sha256", "sha512"), VECTORS)
def test_codes_are_those_of_rfc_6238(moment: int, sha1: str, sha256: str, sha512: str) -> None:
    for name, code in (("sha1", sha1), ("sha256", sha256), ("sha512", sha512)):
        digest, seed = SEEDS[name]
        assert code_at(seed, counter_at(moment), digits=8, digest=digest) == code
    assert code_at(SEED, counter_at(moment)) == sha1[-6:]


def test_codes_are_those_of_rfc_4226() -> None:
    expected = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
    assert [code_at(SEED, counter) for counter in range(10)] == expected


def test_a_code_counts_once_and_only_near_its_time() -> None:
    factor = new_factor()
    now = 1_800_000_000.0
    step = counter_at(now)
    assert not factor.accepts(code_at(factor.key, step - 2), now)
    assert not factor.accepts(code_at(factor.key, step + 2), now)
    assert factor.accepts(code_at(factor.key, step - 1), now)
    assert factor.accepts(f"{code_at(factor.key, step)[:3]} {code_at(factor.key, step)[3:]}", now)
    assert not factor.accepts(code_at(factor.key, step), now)
    assert not factor.accepts(code_at(factor.key, step - 1), now)
    for nonsense in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦"):
        assert not factor.accepts(nonsense, now)


def test_each_recovery_code_opens_once() -> None:
    factor = new_factor()
    codes = activate(factor)
    assert len(set(codes)) == 10
    assert factor.accepts(codes[3].upper(), 0.0)
    assert not factor.accepts(codes[3], 0.0)
    assert len(factor.recovery) == 9
    assert all(code.replace("-", "") not in str(factor) for code in codes)


def test_a_sealed_factor_opens_for_its_account_alone() -> None:
    factor = new_factor()
    sealed = seal_factor(factor, b"k" * 32, "ann")
    assert factor.secret not in sealed
    assert open_factor(sealed, b"k" * 32, "ann") == factor
    for key, name, text in ((b"x" * 32, "ann", sealed), (b"k" * 32, "eve", sealed), (b"k" * 32, "ann", "@")):
        broken = open_factor(text, key, name)
        assert broken is not None
        assert broken.is_active
        assert not broken.accepts(code_at(b"", counter_at(time.time())), time.time())
    assert open_factor(None, b"k" * 32, "ann") is None
    assert address_of(Factor("ABCD"), "a b") == "otpauth://totp/Singula:a%20b?secret=ABCD&issuer=Singula"


@pytest.fixture
def shop_with_eve(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    shop.run("user", "add", "eve", "--role", "clinician", "--password-stdin")
    return shop


def test_with_a_second_factor_the_password_alone_opens_nothing(shop_with_eve: Shop) -> None:
    made = shop_with_eve.run("user", "totp", "eve")
    gateway = shop_with_eve.gateway
    factor = Factor(made["secret"])
    assert gateway.sign_in("eve", PASSWORD, "") is None
    assert gateway.sign_in("eve", PASSWORD, "000000") is None
    code = code_at(factor.key, counter_at(time.time()))
    assert gateway.sign_in("eve", "wrong password", code) is None
    assert gateway.sign_in("eve", PASSWORD, code) is not None
    assert gateway.sign_in("eve", PASSWORD, code) is None
    assert gateway.sign_in("eve", PASSWORD, made["recovery"][0]) is not None
    last = shop_with_eve.run("audit", "list")["entries"][-2:]
    assert [(one["actor"], one["event"], one["details"]["factors"]) for one in last] == [
        ("user:eve", "sign-in-refused", 2),
        ("user:eve", "sign-in", 2),
    ]
    for file in (shop_with_eve.folder / "store").rglob("*"):
        assert file.is_dir() or made["secret"].encode() not in file.read_bytes(), file
    assert shop_with_eve.run("user", "totp", "eve", "--off") == {"user": "eve", "mfa": False}
    assert gateway.sign_in("eve", PASSWORD, "") is not None
    shop_with_eve.run("user", "totp", "nobody", code=3)


def test_where_the_server_is_reached_from_elsewhere_professionals_need_one(shop_with_eve: Shop) -> None:
    gateway = shop_with_eve.gateway
    gateway.door.demands_second_factor = True
    assert gateway.sign_in("eve", PASSWORD, "") is None
    made = shop_with_eve.run("user", "totp", "eve")
    assert gateway.sign_in("eve", PASSWORD, made["recovery"][0]) is not None


def test_a_factor_that_was_begun_counts_only_once_it_was_confirmed(shop_with_eve: Shop) -> None:
    door = shop_with_eve.gateway.door
    assert door.state("eve") == "none"
    factor = door.begin_factor("eve")
    assert (door.state("eve"), door.begin_factor("eve").secret) == ("begun", factor.secret)
    assert door.sign_in("eve", PASSWORD, "") is not None
    assert door.confirm_factor("eve", "000000") is None
    codes = door.confirm_factor("eve", code_at(factor.key, counter_at(time.time())))
    assert codes is not None
    assert len(codes) == 10
    assert door.state("eve") == "active"
    with pytest.raises(BadInput, match="already"):
        door.begin_factor("eve")
    assert not door.remove_factor("eve", "user:eve", "000000")
    assert door.remove_factor("eve", "user:eve", codes[0])
    assert door.state("eve") == "none"


def test_who_fails_too_often_from_one_address_is_not_listened_to(shop_with_eve: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_in, "MOST_FAILURES", 3)
    door = shop_with_eve.gateway.door
    with on_occasion(Occasion(address="192.0.2.1")):
        for name in ("one", "two", "three"):
            assert door.sign_in(name, "guess", "") is None
        assert door.sign_in("eve", PASSWORD, "") is None
    with on_occasion(Occasion(address="192.0.2.2")):
        assert door.sign_in("eve", PASSWORD, "") is not None
    assert not door.guesses.is_over("192.0.2.1", time.time() + signing_in.FAILURE_SECONDS + 1)


def test_a_session_ends_with_the_working_day_and_with_a_new_password(
    shop_with_eve: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from singula.govern import accounts

    gateway = shop_with_eve.gateway
    account = gateway.sign_in("eve", PASSWORD, "")
    assert account is not None
    session = gateway.begin_session(account)
    assert gateway.account_of_session(session) == account
    with monkeypatch.context() as patch:
        patch.setattr(accounts, "SESSION_SECONDS", -1)
        assert gateway.account_of_session(session) is None
    assert gateway.account_of_session(session) == account
    monkeypatch.setattr("sys.stdin", io.StringIO("another long password\n"))
    shop_with_eve.run("user", "password", "eve")
    assert gateway.account_of_session(session) is None
