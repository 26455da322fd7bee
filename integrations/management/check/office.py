"""One organisation's pages with the person who looks at them; and how a step says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from integrations.management.check.client import Browser
from integrations.management.check.page import Page
from integrations.models import Integration


class Failed(Exception):
    """A step saw something else than it should; the message says what."""


def expect(held: object, otherwise: str) -> None:
    """Raise Failed unless it held."""
    if not held:
        raise Failed(otherwise)


def contains(page: Page, *words: str) -> None:
    """Raise Failed unless the page shows all of the words."""
    missing = [word for word in words if word not in page.text]
    expect(
        page.status < 500 and not missing,
        f"{page.url.partition('?')[0]} ({page.status}) does not show {', '.join(missing)}",
    )


@dataclass(slots=True)
class Office:
    """An organisation (by name) and the browser of its admin."""

    browser: Browser
    tenant: str

    @property
    def integration(self) -> Integration:
        """The organisation's integration; raises Failed while there is none."""
        rows = Integration.objects.filter(tenant__name=self.tenant)
        found = rows.select_related("tenant", "hubspot", "target").first()
        if found is None:
            raise Failed("nothing is connected: an earlier step did not get so far")
        return found

    def address(self, name: str, *more: object) -> str:
        """Return the path of a page of the integration."""
        integration = self.integration
        return reverse(name, args=[integration.tenant.slug, integration.pk, *more])

    def show(self, name: str, query: str = "", *more: object) -> Page:
        """Open a page of the integration as its admin."""
        page = self.browser.open(self.address(name, *more) + query)
        expect(page.status == 200, f"the page “{name}” answers {page.status}")
        return page
