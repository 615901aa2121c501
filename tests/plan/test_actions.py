"""Findings about one thing become actions by a stated precedence."""

from __future__ import annotations

from datetime import date

import pytest

from singula.finding import Due, Effect, Strength
from singula.plan.actions import decide
from singula.plan.precedence import precedence, step_of, strongest
from tests.plan.findings import TARGET, circumstances, dose, finding, instead, medicine


@pytest.mark.parametrize(
    ("effect", "strength", "step"),
    [
        (Effect.AVOID, Strength.CONTRAINDICATED, "contraindication"),
        (Effect.AVOID, Strength.MODERATE, "avoidance"),
        (Effect.REDUCE, Strength.STRONG, "dose change"),
        (Effect.AVOID, Strength.WEAK, "weak avoidance"),
        (Effect.PREFER, Strength.STRONG, "preference"),
        (Effect.MONITOR, Strength.STRONG, "caution"),
        (Effect.TEST, Strength.STRONG, "test or referral"),
        (Effect.INFORM, Strength.STRONG, "information"),
    ],
)
def test_each_finding_stands_on_its_step(effect: Effect, strength: Strength, step: str) -> None:
    assert step_of(finding("one", effect, strength)) == step


def test_a_weak_dose_change_decides_over_a_strong_preference() -> None:
    weak, strong = finding("weak", Effect.REDUCE, Strength.WEAK), finding("strong", Effect.PREFER)
    assert strongest([strong, weak]) is weak
    assert precedence(weak) < precedence(strong)


@pytest.mark.parametrize(
    ("use", "offers", "kind"),
    [({}, ("morphine",), "avoid"), ({"codeine": "active"}, ("morphine",), "switch"), ({"codeine": "active"}, (), "stop")],
)
def test_what_avoiding_means_depends_on_use_and_on_what_is_left(use: dict[str, str], offers: tuple[str, ...], kind: str) -> None:
    actions, _ = decide(TARGET, [finding("no", Effect.AVOID, alternatives=instead(*offers))], circumstances(use))
    assert [action.kind for action in actions] == [kind]


def test_an_alternative_that_is_itself_ruled_out_or_declined_is_not_offered() -> None:
    lead = finding("no", Effect.AVOID, alternatives=instead("tramadol", "morphine", "ibuprofen", "paracetamol"))
    verdicts = {
        "tramadol": [finding("bad", Effect.AVOID, topic=medicine("tramadol"))],
        "morphine": [finding("watch", Effect.CAUTION, topic=medicine("morphine"))],
    }
    actions, _ = decide(TARGET, [lead], circumstances({"codeine": "active"}, verdicts, ["declines:ibuprofen"]))
    ranks = {one.name: (one.rank, one.reason) for one in actions[0].alternatives}
    assert ranks["paracetamol"] == (1, "no finding against it")
    assert ranks["morphine"] == (2, "watch.")
    assert ranks["tramadol"] == (None, "not offered: bad.")
    assert ranks["ibuprofen"] == (None, "not offered: declined by the person")
    assert actions[0].summary == "no; instead Paracetamol"


def test_a_wish_moves_an_alternative_up() -> None:
    lead = finding("no", Effect.AVOID, alternatives=instead("morphine", "paracetamol"))
    actions, _ = decide(TARGET, [lead], circumstances(wishes=["prefers:paracetamol"]))
    assert [one.name for one in actions[0].alternatives] == ["paracetamol", "morphine"]


def test_a_dose_change_decides_over_a_weak_avoidance_which_is_shown_as_the_loser() -> None:
    lower = finding("lower", Effect.REDUCE, dose=dose("renal", -50))
    actions, conflicts = decide(TARGET, [finding("rather not", Effect.AVOID, Strength.WEAK), lower], circumstances())
    assert [action.kind for action in actions] == ["change-dose"]
    assert [(one.kind, one.winner, one.losers) for one in conflicts] == [("direction", "lower.", ("rather not.",))]


def test_avoidance_beats_a_dose_change_and_keeps_the_test_that_is_due() -> None:
    findings = [
        finding("no", Effect.AVOID),
        finding("lower", Effect.REDUCE, dose=dose("renal", -50)),
        finding("test", Effect.TEST),
    ]
    actions, conflicts = decide(TARGET, findings, circumstances())
    assert [action.kind for action in actions] == ["avoid", "test"]
    assert [one.losers for one in conflicts] == [("lower.",)]


def test_the_earliest_date_a_finding_gives_is_the_date_of_its_action() -> None:
    due = [Due(date=date(2027, 1, day), status="upcoming") for day in (9, 2)]
    findings = [finding(f"t{one.date.day}", Effect.TEST, due=one) for one in due]
    actions, _ = decide(TARGET, findings, circumstances())
    assert [(action.due and action.due.date) for action in actions] == [date(2027, 1, 2)]


def test_without_a_date_urgency_sets_it() -> None:
    actions, _ = decide(TARGET, [finding("soon", Effect.TEST, urgency=1)], circumstances())
    assert actions[0].due == Due(date=date(2026, 12, 3), status="open")
