"""Other people's HTML as plain text: no tag, script, style or address comes through."""

from __future__ import annotations

from html.parser import HTMLParser

SILENT = frozenset({"script", "style", "template", "iframe", "object", "noscript", "head", "svg", "math"})


class _Words(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a silent element, or part two words."""
        del attrs
        self._silent += tag in SILENT
        self.parts.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Part two words."""
        del tag, attrs
        self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a silent element, or part two words."""
        if tag in SILENT and self._silent:
            self._silent -= 1
        self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        """Keep words a reader would see."""
        if not self._silent:
            self.parts.append(data)


def plain_text(markup: str) -> str:
    """Return the words of a piece of HTML, on one line, with single spaces and without control characters.

    Parameters
    ----------
    markup : str
        HTML or plain text; what looks like a tag after entities are resolved stays text and is never markup again.

    Returns
    -------
    str
        Words only; renderers escape them as any other text.
    """
    reader = _Words()
    reader.feed(markup)
    reader.close()
    text = "".join(sign if sign.isprintable() else " " for sign in "".join(reader.parts))
    return " ".join(text.split())
