"""Why somebody can see something: the answer is that of the door, break-glass and closed roles included."""

from __future__ import annotations

from typing import Any

import pytest

from tests.govern.conftest import Shop


def asked(shop: Shop, actor: str, purpose: str, *more: str) -> tuple[str, str, str]:
    told: dict[str, Any] = shop.run("consent", "explain", "p1", "--actor", actor, "--purpose", purpose, *more)
    because = told["because"][0]
    return told["decision"], because["rule"], because["text"]


@pytest.mark.parametrize(
    ("actor", "purpose", "decision", "rule"),
    [
        ("user:doc", "TREAT", "deny", "default-deny"),
        ("user:doc", "BTG", "permit", "break-glass"),
        ("role:clinician", "BTG", "permit", "break-glass"),
        ("user:ann", "PATRQT", "permit", "self"),
        ("user:ann", "TREAT", "deny", "default-deny"),
        ("user:ann", "BTG", "deny", "default-deny"),
        ("user:nobody", "BTG", "deny", "default-deny"),
        ("client:app", "BTG", "deny", "default-deny"),
        ("role:operator", "TREAT", "deny", "default-deny"),
    ],
)
def test_without_any_provision(shop: Shop, actor: str, purpose: str, decision: str, rule: str) -> None:
    assert asked(shop, actor, purpose)[:2] == (decision, rule)


def test_a_denial_holds_against_broken_glass_and_a_permit_is_named_before_it(shop: Shop) -> None:
    made = shop.run("consent", "grant", "p1", "--actor", "role:clinician")
    name = made["provisions"][0]["id"]
    day = made["provisions"][0]["recorded"][:10]
    assert asked(shop, "user:doc", "BTG") == ("permit", name, f"by the person's permission of {day} ({name})")
    shop.run("consent", "revoke", "p1", "--label", "genetics")
    assert asked(shop, "user:doc", "BTG", "--resource", "Observation/p1-geno")[0] == "deny"
    assert asked(shop, "user:doc", "BTG", "--label", "hiv")[:2] == ("permit", name)


def test_no_permit_opens_what_a_role_or_purpose_closes(shop: Shop) -> None:
    shop.run("user", "add", "olga", "--role", "operator")
    shop.run("consent", "grant", "p1")
    assert asked(shop, "user:olga", "TREAT") == ("deny", "default-deny", "the role operator sees no person's record")
    assert asked(shop, "user:doc", "HMARKT")[2] == "the purpose HMARKT is not one a clinician may name"
    assert asked(shop, "user:doc", "TREAT")[0] == "permit"
