"""Do this person's medicines fit them: genes, kidneys, liver, age, other medicines, allergies and laboratory values.

``situation`` gathers what is known, ``genes``, ``rules`` and ``safety`` each collect pieces of advice from pack rows,
``reconcile`` makes one answer per medicine of them, ``assessor`` says it as findings.
"""
