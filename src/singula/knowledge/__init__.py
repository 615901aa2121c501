"""Curated facts as data: packs, their loader, importers of official releases, release diff."""

from singula.knowledge.library import Knowledge, load_knowledge
from singula.knowledge.pack import Pack, Row

__all__ = ["Knowledge", "Pack", "Row", "load_knowledge"]
