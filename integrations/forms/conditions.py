"""The filter editor: conditions as inputs that fit their field, and back. Counts nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from integrations.engine.catalogue import OPERATORS, Operands
from integrations.engine.filters import (
    MOST_CONDITIONS,
    MOST_GROUPS,
    Condition,
    Filter,
    Operator,
)
from integrations.engine.operands import operand_problem
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec
from integrations.forms.choices import labelled

SEVERAL: Final = (Operator.ANY_OF, Operator.NONE_OF)
PARTS: Final = (Operator.CONTAINS, Operator.NOT_CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH)
_KEY: Final = re.compile(r"c(\d{1,3})-(\d{1,3})-field")
_CHOSEN: Final = (FieldType.CHOICE, FieldType.MULTI_CHOICE)


class ConditionForm(forms.Form):
    """One condition. Its inputs depend on each other: which field, then how, then with what."""

    use_required_attribute = False  # other buttons of the editor work with a value missing

    def __init__(
        self, fields: Mapping[str, FieldSpec], condition: Condition, place: tuple[str, int, int]
    ) -> None:
        """Show a condition; `place` is the editor's name, the group and the place in it.

        `problem` is what is wrong with it, `told` whether it is shown: not while it is begun.
        """
        spec = fields.get(condition.field)
        kind = spec.type if spec else FieldType.TEXT
        possible = operators_for(kind)
        operator = condition.operator if condition.operator in possible else possible[0]
        super().__init__(prefix=f"c{place[1]}-{place[2]}", auto_id=f"{place[0]}-%s")
        self.condition = Condition(condition.field, operator, condition.operands, _label(spec))
        self.fields["field"] = _select(
            _("Field"), _fields(fields, condition.field), condition.field, reshape=True
        )
        options = [(each.value, _(OPERATORS[each].label)) for each in possible]
        self.fields["operator"] = _select(_("Comparison"), options, operator.value, reshape=True)
        value = _operand(spec, kind, self.condition)
        if value is not None:
            self.fields["operand"] = value
        self.problem = _problem(self.condition, spec)
        self.told = bool(self.problem and (condition.operands or spec is None))
        self.has_operand = value is not None
        self.is_list = isinstance(value, forms.MultipleChoiceField)
        self.is_lines = self.has_operand and not self.is_list and operator in SEVERAL


class FilterEditor:
    """All conditions of one direction, by group. `name` tells two editors apart."""

    def __init__(self, fields: Mapping[str, FieldSpec], wanted: Filter, name: str = "") -> None:
        self.groups = [
            [
                ConditionForm(fields, condition, (name, at, place))
                for place, condition in enumerate(group)
            ]
            for at, group in enumerate(wanted.groups)
        ]

    def tell(self) -> None:
        """Show every problem, also those of conditions that are only begun."""
        for form in (form for group in self.groups for form in group):
            form.told = bool(form.problem)

    @property
    def problems(self) -> list[str]:
        """Return what is wrong with the conditions."""
        return [form.problem for group in self.groups for form in group if form.problem]


def read(data: QueryDict, fields: Mapping[str, FieldSpec]) -> Filter:
    """Return the filter that a posted editor shows; groups without a condition are left out."""
    groups: dict[int, list[tuple[int, Condition]]] = {}
    for key in data:
        found = _KEY.fullmatch(key)
        if found is None or sum(map(len, groups.values())) >= MOST_CONDITIONS:
            continue
        at, place = int(found[1]), int(found[2])
        groups.setdefault(at, []).append((place, _read_one(data, f"c{at}-{place}", fields)))
    ordered = (groups[at] for at in sorted(groups))
    return Filter(tuple(tuple(c for _place, c in sorted(group)) for group in ordered))


def edited(wanted: Filter, command: str, first: str) -> Filter:
    """Return the filter after a button of the editor: "add-<group>", "or" or "drop-<g>-<c>".

    `first` is the field that a new condition begins with. Unknown commands change nothing.
    """
    groups = [list(group) for group in wanted.groups]
    new = Condition(first, Operator.EQUALS)
    verb, *numbers = command.split("-")
    at = [int(number) for number in numbers if number.isdecimal()]
    full = sum(map(len, groups)) >= MOST_CONDITIONS or len(groups) >= MOST_GROUPS
    if verb == "or" and not full:
        groups.append([new])
    elif verb == "add" and len(at) == 1 and at[0] < len(groups) and not full:
        groups[at[0]].append(new)
    elif verb == "drop" and len(at) == 2 and at[0] < len(groups) and at[1] < len(groups[at[0]]):
        del groups[at[0]][at[1]]
    return Filter(tuple(tuple(group) for group in groups if group))


def operators_for(kind: FieldType) -> tuple[Operator, ...]:
    """Return the operators that make sense for a type of field, in the catalogue's order."""
    return tuple(each for each, entry in OPERATORS.items() if kind in entry.types)


def _read_one(data: QueryDict, prefix: str, fields: Mapping[str, FieldSpec]) -> Condition:
    name, asked = data.get(f"{prefix}-field", ""), data.get(f"{prefix}-operator", "")
    operator = Operator(asked) if asked in set(Operator) else Operator.EQUALS
    given = data.getlist(f"{prefix}-operand")
    if operator in SEVERAL:
        given = [line for text in given for line in text.splitlines()]
    operands = tuple(dict.fromkeys(text.strip() for text in given if text.strip()))
    if OPERATORS[operator].operands is Operands.NONE:
        operands = ()
    elif operator not in SEVERAL:
        operands = operands[:1]
    return Condition(name, operator, operands, _label(fields.get(name)))


def _operand(spec: FieldSpec | None, kind: FieldType, condition: Condition) -> forms.Field | None:
    """Return the input for what a condition compares with; None when it needs nothing."""
    if OPERATORS[condition.operator].operands is Operands.NONE:
        return None
    several = condition.operator in SEVERAL
    options = _options(spec, kind, condition)
    if options:
        widget: forms.Widget = forms.CheckboxSelectMultiple() if several else _styled_select()
        field: Any = forms.MultipleChoiceField if several else forms.ChoiceField
        initial: object = list(condition.operands) if several else _first(condition)
        if not several and not condition.operands:
            options = [("", _("Choose…")), *options]
        return field(label=_("Value"), choices=options, initial=initial, widget=widget)  # type: ignore[no-any-return]
    if several:
        area = forms.Textarea(attrs={"class": "form-control", "rows": 3})
        text = "\n".join(condition.operands)
        return forms.CharField(label=_("Values, one per line"), initial=text, widget=area)
    line = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "step": "any"})
    line.input_type = _input_type(kind, condition)
    return forms.CharField(label=_("Value"), initial=_first(condition), widget=line)


def _options(
    spec: FieldSpec | None, kind: FieldType, condition: Condition
) -> list[tuple[str, str]]:
    """Return what can be chosen; a stored value that is no longer offered is shown, marked so."""
    if condition.operator in PARTS and kind is not FieldType.MULTI_CHOICE:
        return []
    if kind is FieldType.BOOLEAN:
        return [("true", _("Yes")), ("false", _("No"))]
    if kind not in _CHOSEN or spec is None or not spec.options:
        return []
    known = [(option.value, option.label) for option in spec.options]
    values = {option.value for option in spec.options}
    gone = [value for value in condition.operands if value not in values]
    return known + [(value, _("%(value)s (no longer exists)") % {"value": value}) for value in gone]


def _input_type(kind: FieldType, condition: Condition) -> str:
    """A stored instant with its time cannot be shown by a date input: it stays a text."""
    if kind in (FieldType.DATE, FieldType.DATETIME):
        return "date" if len(_first(condition)) in (0, len("2026-01-31")) else "text"
    return "number" if kind is FieldType.NUMBER else "text"


def _first(condition: Condition) -> str:
    return condition.operands[0] if condition.operands else ""


def _fields(fields: Mapping[str, FieldSpec], chosen: str) -> list[tuple[str, str]]:
    found = [(name, labelled(spec)) for name, spec in fields.items()]
    if chosen not in fields:
        found.insert(0, (chosen, _("%(name)s (not selected)") % {"name": chosen or "–"}))
    return found


def _problem(condition: Condition, spec: FieldSpec | None) -> str:
    if spec is None:
        return _("This field is not selected for syncing. Select it on the page “Fields” first.")
    return _(found) if (found := operand_problem(condition, spec)) else ""


def _label(spec: FieldSpec | None) -> str:
    return spec.label if spec else ""


def _select(
    label: str, options: Sequence[tuple[str, str]], initial: str, *, reshape: bool = False
) -> forms.ChoiceField:
    widget = _styled_select()
    if reshape:
        widget.attrs["data-reshape"] = ""
    return forms.ChoiceField(label=label, choices=options, initial=initial, widget=widget)


def _styled_select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select"})
