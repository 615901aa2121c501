"""The report a tumour board reads: options by tier, resistance, markers with their limits, what was not tested.

The same sample, knowledge and day give the same bytes. Judging the options for one person's genes, organs and medicines is the
plan's work (``singula plan``); the report says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from singula import __version__
from singula.deliver.pdf import set_outline
from singula.deliver.templating import render_page
from singula.deliver.tumour_bundle import report_to_fhir
from singula.deliver.tumour_figures import draw_lollipops, draw_timeline
from singula.deliver.tumour_view import annotate_sample
from singula.deliver.words import day
from singula.methods.tumour.matching import SENSITIVITY, genes_asked, signals_of
from singula.methods.tumour.sample import TumourSample, TumourVariant
from singula.methods.tumour.tables import TumourTables

if TYPE_CHECKING:
    from markupsafe import Markup

NOTICE = (
    "Decision support for professionals; it replaces no clinical judgement. The options are not yet judged for this person's"
    " genes, organs, other medicines and wishes: singula plan does that."
)


@dataclass(frozen=True, eq=False)
class TumourReport:
    """Everything the report says of one tumour."""

    sample: TumourSample
    tumour_name: str
    as_of: date
    answer: Mapping[str, Any]
    markers: tuple[Mapping[str, str], ...]
    negative: tuple[str, ...]
    untested: tuple[str, ...]
    last_codons: Mapping[str, int]
    knowledge: str

    @property
    def options(self) -> list[Mapping[str, Any]]:
        """Rows that open a medicine, best tier first."""
        return [one for one in self.answer["therapies"] if one["direction"] == SENSITIVITY]

    @property
    def closed(self) -> list[Mapping[str, Any]]:
        """Rows that say a medicine will not work."""
        return [one for one in self.answer["therapies"] if one["direction"] != SENSITIVITY]

    @property
    def lollipops(self) -> list[Markup]:
        """Figures of where the changes of each gene lie."""
        return [
            draw_lollipops(gene, changes, max(self.last_codons.get(gene, 0), *(one.alteration.end or 0 for one in changes)))
            for gene, changes in _by_gene(self.sample.variants).items()
        ]

    @property
    def timeline(self) -> Markup | None:
        """Figure of what was given before, None where nothing is stated or nothing was given."""
        return draw_timeline(self.sample.prior_therapies) if self.sample.prior_therapies else None

    @property
    def follow_up(self) -> list[str]:
        """Variants that ask for a test of the germline."""
        return [
            f"{one['gene']} {one['protein_change']}" for one in self.answer["variants"] if "germline_follow_up" in one["flags"]
        ]


def make_report(sample: TumourSample, tables: TumourTables, notes: Sequence[str], as_of: date) -> TumourReport:
    """Gather what the report says.

    Parameters
    ----------
    sample : TumourSample
        The tumour.
    tables : TumourTables
        What to match with.
    notes : sequence of str
        What the reader noted, rows that could not be read among it.
    as_of : date
        Day of the report.

    Returns
    -------
    TumourReport
        A gene counts as negative only where it was tested and nothing was found in it.
    """
    found = signals_of(sample)
    here = [rule for rule in tables.rules if tables.tree.is_any_of(sample.tumour_type, rule.tumour_types)]
    limits = {row.marker: row for row in tables.pack.table("marker_limits")}
    markers = []
    for name, value in sorted(sample.biomarkers.items()):
        row = limits.get(name)
        limit = f"{row.limit}{'' if row.review == 'checked' else ' (not yet compared with the source)'}" if row else ""
        markers.append({"name": row.display if row else name.replace("_", " "), "value": str(value), "limit": limit})
    return TumourReport(
        sample=sample,
        tumour_name=tables.tree.names[sample.tumour_type],
        as_of=as_of,
        answer=annotate_sample(sample, tables, notes),
        markers=tuple(markers),
        negative=tuple(sorted(sample.tested_genes - found)),
        untested=tuple(sorted(genes_asked(here) - sample.tested_genes - found)),
        last_codons=_last_codons(tables),
        knowledge=f"{tables.pack.name} {tables.pack.version}, {tables.pack.date}",
    )


def _last_codons(tables: TumourTables) -> dict[str, int]:
    ends: dict[str, int] = {}
    for (gene, _), (_, last) in tables.definitions.exons.items():
        ends[gene] = max(ends.get(gene, 0), last)
    for gene, residues in tables.definitions.residues.items():
        ends[gene] = max(ends.get(gene, 0), *residues)
    return ends


def render_report(report: TumourReport) -> dict[str, bytes]:
    """Render the report's files, by name: page, PDF and FHIR bundle."""
    page = render_page(
        "tumour.html",
        report=report,
        notice=NOTICE,
        version=__version__,
    )
    return {
        "tumour.html": page.encode(),
        "tumour.pdf": set_outline(_outline(report), report.as_of),
        "tumour.fhir.json": orjson.dumps(report_to_fhir(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE),
    }


def _by_gene(variants: Sequence[TumourVariant]) -> dict[str, list[TumourVariant]]:
    groups: dict[str, list[TumourVariant]] = {}
    for one in variants:
        if one.alteration.start and "reference_mismatch" not in one.flags:
            groups.setdefault(one.gene, []).append(one)
    return dict(sorted(groups.items()))


def _outline(report: TumourReport) -> dict[str, Any]:
    sections = (
        ("Options by tier", [_therapy(one) for one in report.options]),
        ("Medicines that will probably not work", [_therapy(one) for one in report.closed]),
        ("Where sources disagree", [_entry(", ".join(one["rows"]), one["rule"]) for one in report.answer["conflicts"]]),
        ("Weighed and no option", [_entry(" + ".join(one["medicines"]), one["why"]) for one in report.answer["considered"]]),
        ("Test the germline", [_entry(one, "may be inherited: offer a germline test") for one in report.follow_up]),
        ("Markers", [_entry(f"{one['name']}: {one['value']}", one["limit"]) for one in report.markers]),
        ("Alterations", [_entry(f"{one['gene']} {one['protein_change']}", f"tier {one['tier']}") for one in _variants(report)]),
        ("Tested, nothing found", [_entry(", ".join(report.negative))] if report.negative else []),
        ("Not tested", [_entry(", ".join(report.untested))] if report.untested else []),
        ("What is missing", [_entry(one) for one in report.answer["missing"]]),
        ("About the data", [_entry(one) for one in report.answer["quality"]]),
        ("Knowledge used", [_entry(report.knowledge)]),
    )
    return {
        "title": f"Tumour report for {report.sample.sample_id}",
        "who": report.sample.sample_id,
        "about": f"{report.tumour_name} ({report.sample.tumour_type}) · as of {day(report.as_of)}",
        "as_of": report.as_of.isoformat(),
        "footer": f"{NOTICE} Singula {__version__}.",
        "sections": [{"title": title, "groups": [{"title": "", "entries": made}]} for title, made in sections if made],
    }


def _variants(report: TumourReport) -> Sequence[Mapping[str, Any]]:
    variants: Sequence[Mapping[str, Any]] = report.answer["variants"]
    return variants


def _therapy(one: Mapping[str, Any]) -> dict[str, Any]:
    proof = one["evidence"][0]
    review = "" if proof["review"] == "checked" else " (not yet compared with the source)"
    return _entry(f"{one['tier']}: {' + '.join(one['medicines'])}", one["reason"], one["setting"], proof["citation"] + review)


def _entry(title: str, *small: str) -> dict[str, Any]:
    return {"title": title, "lines": [], "small": [words for words in small if words]}
