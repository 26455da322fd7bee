"""The order of the firm's story."""

from __future__ import annotations

from typing import Final

from integrations.management.check.thena import (
    changing,
    choosing,
    joining,
    keeping,
    loading,
    parting,
    telling,
)

STEPS: Final = (
    *joining.STEPS,
    *choosing.STEPS,
    *loading.STEPS,
    *keeping.STEPS,
    *changing.STEPS,
    parting.pause,
    parting.reconnect,
    *telling.STEPS,
    parting.delete,
    parting.remove_app,
    parting.uninstall,
    parting.reinstall,
)
