"""The answer 'not known', with its reason; absent is never taken as normal."""

from singula.record.frozen import Frozen


class Unknown(Frozen):
    """Nothing is known, and why: ``not measured``, ``not tested``, ``contradictory`` or a sentence of its own."""

    reason: str

    def __bool__(self) -> bool:
        """Unknown counts as nothing known, so ``if value`` reads as it should."""
        return False
