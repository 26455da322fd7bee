"""The catalogue's choices as a form offers them: translated, with the system's own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext as _

from integrations.engine.catalogue import TYPE_LABELS, Choice
from integrations.engine.mapping import Direction
from integrations.engine.specs import FieldSpec

E = TypeVar("E", bound=str)


def worded(choices: Mapping[E, Choice], system: str) -> list[tuple[str, str]]:
    """Return an enum's members with their labels."""
    return [(str(key), said(choice, system)) for key, choice in choices.items()]


def explained(choices: Mapping[E, Choice], system: str) -> list[tuple[str, str]]:
    """Return an enum's members with label and help in one line, for wide selects."""
    return [
        (str(k), f"{said(each, system)} – {helped(each, system)}") for k, each in choices.items()
    ]


def said(choice: Choice, system: str) -> str:
    """Return a choice's label; “the other system” is called by its name."""
    return _named(_(choice.label), system)


def helped(choice: Choice, system: str) -> str:
    """Return a choice's sentence."""
    return _named(_(choice.help), system)


def _named(text: str, system: str) -> str:
    return text.replace(_("The other system"), system).replace(_("the other system"), system)


def way_of(direction: Direction, system: str) -> str:
    """Say in a few words which way a field travels."""
    return {
        Direction.BOTH: _("Both ways between HubSpot and %(system)s"),
        Direction.TO_TARGET: _("From HubSpot to %(system)s only"),
        Direction.TO_HUBSPOT: _("From %(system)s to HubSpot only"),
    }[direction] % {"system": system}


def labelled(spec: FieldSpec) -> str:
    """Return a field with its type, as “Phone number (text)”."""
    return f"{spec.label} ({_(TYPE_LABELS[spec.type])})"


def select(label: str, options: Any, initial: str = "", help_text: str = "") -> forms.ChoiceField:
    """Return a select in the page's look; its options are pairs or named groups of pairs."""
    widget = forms.Select(attrs={"class": "form-select"})
    return forms.ChoiceField(
        label=label,
        choices=options,
        initial=initial,
        help_text=help_text,
        widget=widget,
    )


def line(label: str, initial: str = "", help_text: str = "", kind: str = "text") -> forms.CharField:
    """Return a one-line input in the page's look."""
    widget = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})
    widget.input_type = kind
    return forms.CharField(
        label=label, initial=initial, help_text=help_text, required=False, widget=widget
    )
