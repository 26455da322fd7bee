"""Differences between configurations in words people know: labels for ids. Compares nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from integrations.engine.specs import FieldSpec
from integrations.engine.versions import Difference


def named(found: Sequence[Difference], target: Mapping[str, FieldSpec]) -> list[Difference]:
    """Put the labels that the target's fields and options have now where a difference has ids.

    Thena calls its own options and people's fields by ids; whatever is gone keeps its id.
    """
    return [
        replace(each, before=_worded(each.before, target), after=_worded(each.after, target))
        for each in found
    ]


def _worded(sentence: str, target: Mapping[str, FieldSpec]) -> str:
    for name in re.findall(r"“([^“”]+)”", sentence):
        spec = target.get(name)
        for option in spec.options if spec else ():
            whole = re.escape(f"→ {option.value}") + r"(?=[,)])"
            label = option.label.replace("\\", r"\\")  # it is no pattern of references
            sentence = re.sub(whole, f"→ {label}", sentence)
        if spec and spec.custom:
            sentence = sentence.replace(f"“{name}”", f"“{spec.label}”")
    return sentence
