"""Breaking the glass: a statement of need carries for an hour; afterwards the same words open nothing for a month."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, delete, insert, select

from singula.store.glass_schema import glass

SECONDS, FORGOTTEN_SECONDS = 3600.0, 30 * 86_400.0
BEGUN, GOING_ON, OVER = "begun", "going on", "over"


def use(connection: Connection, actor: str, reason: str, now: float) -> str:
    """Use a statement of need.

    Parameters
    ----------
    connection : Connection
        Of the transaction it is noted in.
    actor : str
        Who makes it.
    reason : str
        The statement; case and blanks do not count.
    now : float
        The moment, in seconds since 1970.

    Returns
    -------
    str
        ``begun`` where it is new, ``going on`` within its hour, ``over`` afterwards.
    """
    statement = hashlib.sha256(" ".join(reason.lower().split()).encode()).hexdigest()
    connection.execute(delete(glass).where(glass.c.until < now - FORGOTTEN_SECONDS))
    where = (glass.c.actor == actor, glass.c.statement == statement)
    until = connection.execute(select(glass.c.until).where(*where)).scalar()
    if until is None:
        connection.execute(insert(glass).values(actor=actor, statement=statement, until=now + SECONDS))
        return BEGUN
    return GOING_ON if now < until else OVER
