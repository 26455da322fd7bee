"""Rules of the portal taken away one at a time, to see whether the histories notice.

Other rules have a second net here (unique e-mails and domains, full passes), so they are taken
away in `tests/engine/world/removals.py` and in tests of their own.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integrations.engine.references import References


def references_as_they_come(patch: pytest.MonkeyPatch) -> None:
    """Compare and write the ids of the other system."""
    patch.setattr(References, "around", lambda _self, connectors: connectors)
    patch.setattr(References, "read", lambda _self, _side, records: records)


REMOVALS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "references as pairs": references_as_they_come,
}
