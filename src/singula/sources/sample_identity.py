"""Sets a genome aside that does not seem to be this person's, before anything is said from it."""

from __future__ import annotations

from singula.record import Fact, GenomeAssay, Person, Problem


def set_aside_swapped(
    person: Person, facts: list[Fact], assays: list[GenomeAssay], problems: list[Problem]
) -> tuple[list[Fact], list[GenomeAssay]]:
    """Leave out assays whose X chromosome contradicts the sex on record, with every fact read from them.

    Parameters
    ----------
    person : Person
        Whose sex at birth may be on record.
    facts, assays : list
        What was read about the person.
    problems : list of Problem
        Gets a line for every assay set aside.

    Returns
    -------
    tuple
        The facts and assays that stay.
    """
    swapped = [one for one in assays if one.inferred_sex and person.sex_at_birth and one.inferred_sex != person.sex_at_birth]
    for one in swapped:
        message = (
            f"the genome looks {one.inferred_sex}, the record says {person.sex_at_birth}: nothing is said from it until it is"
            " confirmed whose sample it is (a swap, a transplant, another number of X chromosomes, or gender recorded as sex)"
        )
        problems.append(Problem(severity="error", input=one.source.input, where=one.sample, message=message))
    prefixes = tuple(f"{one.id}/" for one in swapped)
    kept = [fact for fact in facts if not (prefixes and fact.id.startswith(prefixes))]
    return kept, [one for one in assays if one not in swapped]
