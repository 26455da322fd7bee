"""`verify_audit`: prove that the sealed history was not altered. Changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.services import audit_seals


class Command(BaseCommand):
    """Recomputes every seal; exits 1 when one does not hold."""

    help = "Prove that the sealed audit history was not altered."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the verdict."""
        verdict = audit_seals.verify()
        self.stdout.write(
            f"{verdict.seals} seals over {verdict.entries} entries; "
            f"{verdict.unsealed} newer entries are not sealed yet."
        )
        if verdict.problems:
            raise CommandError("\n".join(verdict.problems))
        self.stdout.write(f"Intact. Newest seal: {verdict.head or 'none'}")
