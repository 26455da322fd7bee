"""The order of the machine builder's story."""

from __future__ import annotations

from typing import Final

from integrations.management.check.xentral import (
    ending,
    joining,
    keeping,
    loading,
    staging,
    starters,
)

STEPS: Final = (
    *joining.STEPS,
    *loading.STEPS,
    *keeping.STEPS,
    *staging.STEPS,
    *starters.STEPS,
    *ending.STEPS,
)
