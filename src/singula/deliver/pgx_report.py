"""The report of genes and medicines: each medicine taken, what to avoid for life, the best next test, how a call was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from singula.assess.medicines.answer_view import advise
from singula.assess.medicines.lifelong import judge_by_genes, rank_tests
from singula.assess.medicines.reconcile import MedicineAnswer
from singula.assess.medicines.situation import Situation, read_situation
from singula.deliver.templating import render_page
from singula.deliver.words import day, plain
from singula.knowledge import Knowledge
from singula.record import Record

PACKS = ("pgx", "pgx_advice", "medicines")
DOSE = ("reduce_dose", "increase_dose")
MOST_TESTS, MOST_NAMED = 8, 4


def pgx_report(record: Record, knowledge: Knowledge, method: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Work out one person's report.

    Parameters
    ----------
    record : Record
        The person.
    knowledge : Knowledge
        Packs ``pgx``, ``pgx_advice`` and ``medicines``.
    method : mapping, optional
        How the call of one gene was made (:func:`singula.sources.pgx_explained.explain_call`).

    Returns
    -------
    dict
        The object of ``pgx.json``.
    """
    situation = read_situation(record, knowledge)
    judged = list(judge_by_genes(situation))
    return {
        "schema": "singula.pgx-report/1",
        "as_of": record.as_of.isoformat(),
        "name": record.person.name or record.person.id,
        **advise(record, knowledge),
        "avoid_for_life": [_lasting(situation, one) for one in judged if one.is_ruled_out],
        "other_dose_for_life": [_lasting(situation, one) for one in judged if one.action in DOSE],
        "tests": [
            {"gene": one.gene, "medicines_taken": list(one.taken), "medicines": list(one.medicines)}
            for one in rank_tests(situation)[:MOST_TESTS]
        ],
        "method": method,
        "knowledge": [{"pack": name, "version": knowledge.pack(name).version} for name in PACKS],
    }


def _lasting(situation: Situation, answer: MedicineAnswer) -> dict[str, Any]:
    lead = answer.pieces[0]
    return {
        "medicine": answer.medicine,
        "display": situation.display_of(answer.medicine),
        "action": answer.action,
        "why": lead.text,
        "body": lead.body,
        "year": lead.year,
        "review": lead.row.review,
    }


def render_pgx_page(report: Mapping[str, Any]) -> str:
    """Write the report as one HTML page.

    Parameters
    ----------
    report : mapping
        What :func:`pgx_report` worked out.
    """
    groups = [(words, [(one, _reasons(one), _instead(one)) for one in some]) for words, some in _by_action(report["medicines"])]
    return render_page("pgx.html", report=report, made=date.fromisoformat(report["as_of"]), groups=groups)


def render_pgx_pdf(report: Mapping[str, Any]) -> bytes:
    """Write the report as a PDF; the same report gives the same bytes."""
    from singula.deliver.pdf import set_outline

    sections = [
        ("Medicines taken or proposed", [
            {"title": words, "entries": [_medicine(one) for one in group]}
            for words, group in _by_action(report["medicines"])
        ]),
        ("Together", _plain([_entry(one["rule"]) for one in report["conflicts"]])),
        ("Gene results", _plain([
            _entry(f"{one['gene']} {' or '.join(one['diplotypes'])}", one["phenotypes"]) for one in report["genes"]
        ])),
        ("Medicines to avoid for life", _plain([_entry(one["display"], [one["why"]]) for one in report["avoid_for_life"]])),
        ("Another dose for life", _plain([_entry(one["display"], [one["why"]]) for one in report["other_dose_for_life"]])),
        ("The most useful missing tests", _plain([_entry(one["gene"], one["medicines_taken"]) for one in report["tests"]])),
    ]  # fmt: skip
    content = {
        "who": report["name"],
        "about": f"Genes and medicines · as of {day(date.fromisoformat(report['as_of']))}",
        "as_of": report["as_of"],
        "footer": "Supports a clinician’s decision and does not take its place.",
        "sections": [{"title": title, "groups": groups} for title, groups in sections if any(one["entries"] for one in groups)],
    }
    return set_outline(content, date.fromisoformat(report["as_of"]))


def _plain(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"title": "", "entries": entries}]


def _entry(title: str, lines: Sequence[str] = (), small: Sequence[str] = ()) -> dict[str, Any]:
    return {"title": title, "lines": list(lines), "small": list(small)}


def _medicine(medicine: Mapping[str, Any]) -> dict[str, Any]:
    return _entry(plain(medicine["medicine"]).capitalize(), _reasons(medicine), _instead(medicine))


def _instead(medicine: Mapping[str, Any]) -> list[str]:
    names = [plain(one["medicine"]) for one in medicine["alternatives"][:MOST_NAMED]]
    return [*([f"instead: {', '.join(names)}"] if names else []), *_dose(medicine)]


def _dose(medicine: Mapping[str, Any]) -> list[str]:
    """Say what is asked of the dose of the medicine itself; of one ruled out, what holds while it is still taken."""
    dose, found = medicine["dose"], []
    change, cap, target = dose["change_percent"], dose["max_mg_per_day"], dose["target_mg_per_day"]
    if target is not None:
        found.append(f"about {target:g} mg a day")
    if cap is not None:
        found.append(f"at most {cap:g} mg a day")
    if change is not None:
        found.append(f"{' to '.join(f'{one:+g}' for one in change)} %" if isinstance(change, list) else f"{change:+g} %")
    words = f"{plain(medicine['medicine'])}: {', '.join(found)}"
    return [f"if it is kept, {words}" if medicine["action"] in ("avoid", "alternative") else words] if found else []


def _reasons(medicine: Mapping[str, Any]) -> list[str]:
    """Return the first reasons, without those another one repeats and explains."""
    why = medicine["why"]
    return [one for one in why if not any(other.startswith(f"{one}:") for other in why)][:MOST_NAMED]


def _by_action(medicines: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Put medicines under what to do with them, most pressing first."""
    headings = (
        ("Another medicine", ("avoid", "alternative")),
        ("Test first", ("test_first",)),
        ("Another dose", DOSE),
        ("With care", ("caution",)),
        ("As usual", ("standard",)),
    )
    groups = [(words, [one for one in medicines if one["action"] in actions]) for words, actions in headings]
    return [(words, group) for words, group in groups if group]
