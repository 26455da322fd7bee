"""Splits the text of a query into words. Quotes inside a literal cannot be escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..errors import ApiError

NAME, TEXT, NUMBER, SIGN, END = "name", "text", "number", "sign", "end"
_WORD: Final = re.compile(
    r'\s*(?:(?P<text>"[^"]*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)'
    r"|(?P<sign>!=|<=|>=|[=<>(),.]))"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query; a text comes without its quotes."""

    kind: str
    text: str

    def says(self, *keywords: str) -> bool:
        """Tell whether it is one of these keywords, in any case."""
        return self.kind == NAME and self.text.upper() in keywords


def words(query: str) -> list[Word]:
    """Return the words of a query and an END; raises ApiError 400."""
    found, place, query = [], 0, query.rstrip()
    while place < len(query):
        match = _WORD.match(query, place)
        if match is None:
            raise ApiError(400, _complaint(query[place:].lstrip()))
        kind = match.lastgroup or END
        text = match[kind]
        found.append(Word(kind, text[1:-1] if kind == TEXT else text))
        place = match.end()
    return [*found, Word(END, "")]


def _complaint(rest: str) -> str:
    if rest.startswith("'"):
        return "Single quotes are not allowed: texts stand in double quotes."
    if rest.startswith('"'):
        return "A text has no closing quote."
    return f"Unexpected character: {rest[0]}"
