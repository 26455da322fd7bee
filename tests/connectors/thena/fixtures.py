"""Answers of Thena as its documentation shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import integrations.connectors.thena as package

_FILE = Path(package.__file__).parent / "fixtures" / "answers.json"


def answer(name: str) -> Any:
    """Return a fresh copy of one recorded answer."""
    return json.loads(_FILE.read_text())[name]
