"""The order of the vendor's story."""

from __future__ import annotations

from typing import Final

from integrations.management.check.magentrix import (
    activating,
    joining,
    keeping,
    loading,
    merging,
    owning,
    refusing,
    scheduling,
)

STEPS: Final = (
    *joining.STEPS,
    *activating.STEPS,
    *owning.BEFORE,
    *loading.STEPS,
    *owning.AFTER,
    *keeping.STEPS,
    *scheduling.STEPS,
    *refusing.STEPS,
    *merging.STEPS,
    *owning.LAST,
    keeping.stay_quiet,
)
