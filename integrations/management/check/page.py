"""What a person sees of an HTML page: its text, links and forms. Knows nothing of the portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

INLINE: Final = {"a", "b", "code", "del", "em", "i", "ins", "small", "span", "strong", "time"}
UNSEEN: Final = {"script", "style", "template"}
TYPED: Final = {"button", "file", "image", "reset", "submit"}
Attributes = Mapping[str, str]
Value = str | list[str]
"""What one name of a form sends; several checked boxes of one name send a list."""


class NotThere(Exception):
    """The page has no such button or link."""


@dataclass(slots=True)
class Button:
    """A button that sends a form; `value` tells several apart, `action` is its own address."""

    text: str
    name: str
    value: str
    action: str = ""


@dataclass(slots=True)
class Form:
    """A form with what it would send as it stands."""

    action: str
    method: str
    values: dict[str, Value] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer as a browser shows it; `via` are the addresses that led here by redirect."""

    status: int
    url: str
    text: str
    html: str
    links: Sequence[tuple[str, str]]
    forms: Sequence[Form]
    via: Sequence[str] = ()

    def form_of(self, button: str, value: str | None = None) -> tuple[Form, Button]:
        """Return the first form with a button of this text, and of this value if one is given."""
        for form in self.forms:
            for found in form.buttons:
                if found.text.startswith(button) and value in (None, found.value):
                    return form, found
        raise NotThere(f"The page {self.url} has no button “{button}” (status {self.status}).")

    def link(self, text: str) -> str:
        """Return the address of the first link whose text begins so."""
        for found, address in self.links:
            if found.startswith(text):
                return address
        raise NotThere(f"The page {self.url} has no link “{text}” (status {self.status}).")


def read(html: str) -> _Reader:
    """Return a page's parsed parts."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


class _Reader(HTMLParser):
    """Collects text, links and forms; elements outside may join a form by its id."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.forms: dict[str, Form] = {}
        self._words: list[str] = []
        self._unseen = 0
        self._form = ""
        self._open: dict[str, tuple[Attributes, list[str]]] = {}
        self._select: Attributes | None = None

    @property
    def text(self) -> str:
        """All visible text, with single spaces."""
        return _squeeze(self._words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        given = {name: value or "" for name, value in attrs}
        self._space(tag)
        if tag in UNSEEN:
            self._unseen += 1
        elif tag == "form":
            self._form = given.get("id") or f"form {len(self.forms)}"
            method = given.get("method", "get").upper()
            self._of({"form": self._form}).method = method
            self._of({"form": self._form}).action = given.get("action", "")
        elif tag == "input":
            self._input(given)
        elif tag == "select":
            self._select = given
        elif tag == "option" and self._select is not None:
            self._option(given)
        if tag in ("a", "button", "textarea"):
            self._open[tag] = (given, [])

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self._unseen:
            self._words.append(data)
            for _, words in self._open.values():
                words.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        self._space(tag)
        if tag in UNSEEN:
            self._unseen -= 1
        elif tag == "form":
            self._form = ""
        elif tag == "select":
            self._select = None
        given, words = self._open.pop(tag, ({}, []))
        if tag == "a" and given:
            self.links.append((_squeeze(words), given.get("href", "")))
        elif tag == "button" and given.get("type", "submit") == "submit":
            self._button(given, _squeeze(words))
        elif tag == "textarea" and given.get("name"):
            self._of(given).values[given["name"]] = "".join(words).removeprefix("\n")

    def _space(self, tag: str) -> None:
        if tag not in INLINE:
            self._words.append(" ")

    def _of(self, given: Attributes) -> Form:
        return self.forms.setdefault(given.get("form") or self._form, Form("", "GET"))

    def _input(self, given: Attributes) -> None:
        kind, name = given.get("type", "text"), given.get("name", "")
        if kind == "submit":
            self._button(given, given.get("value", ""))
        elif name and "disabled" not in given and kind not in TYPED:
            if kind in ("checkbox", "radio") and "checked" not in given:
                return
            value: Value = given.get("value", "on" if kind == "checkbox" else "")
            values = self._of(given).values
            if kind == "checkbox" and name in values:
                known = values[name]
                value = [*(known if isinstance(known, list) else [known]), str(value)]
            values[name] = value

    def _option(self, given: Attributes) -> None:
        select = self._select or {}
        values = self._of(select).values
        if "selected" in given or select.get("name") not in values:
            values[select.get("name", "")] = given.get("value", "")

    def _button(self, given: Attributes, text: str) -> None:
        names = ("name", "value", "formaction")
        button = Button(text, *(given.get(name, "") for name in names))
        self._of(given).buttons.append(button)


def _squeeze(words: Sequence[str]) -> str:
    return " ".join("".join(words).split())
