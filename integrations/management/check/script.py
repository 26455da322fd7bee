"""The order of the scenario, and playing it: each step says what it saw or what was wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from integrations.management.check import (
    connecting,
    incomplete,
    intake,
    leaks,
    leaving,
    merging,
    operating,
    outage,
    patients,
)
from integrations.management.check.magentrix import script as magentrix
from integrations.management.check.scene import Failed, Scene
from integrations.management.check.thena import script as thena
from integrations.management.check.xentral import script as xentral

Step = Callable[[Scene], str]
STEPS: Final[Sequence[Step]] = (
    *connecting.STEPS,
    *patients.STEPS,
    *incomplete.STEPS,
    *merging.STEPS,
    *intake.STEPS,
    *outage.STEPS,
    *leaving.STEPS,
    merging.delete,
    *thena.STEPS,
    *xentral.STEPS,
    *magentrix.STEPS,
    *operating.STEPS,
    *leaks.STEPS,
)
IMPATIENT: Final = 5.0
"""Seconds steps wait once one has failed: most others then fail for the same reason."""


def play(scene: Scene, say: Callable[[str], object], steps: Sequence[Step] = STEPS) -> int:
    """Play every step, also after a failure; returns how many failed.

    A step's title is the first line of its docstring.
    """
    failures = 0
    for number, step in enumerate(steps, 1):
        say(f"step {number}: {(step.__doc__ or step.__name__).splitlines()[0]}")
        began = time.monotonic()
        try:
            saw = step(scene)
        except Exception as problem:
            failures += 1
            scene.patience = min(scene.patience, IMPATIENT)
            say(f"    FAILED {told(problem)}")
        else:
            say(f"    ok     {saw}  ({time.monotonic() - began:.1f} s)")
    return failures


def told(problem: Exception) -> str:
    """Return what went wrong; anything but a step's own sentence with its kind."""
    return str(problem) if isinstance(problem, Failed) else f"{type(problem).__name__}: {problem}"
