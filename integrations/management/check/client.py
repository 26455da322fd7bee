"""A browser without a screen: cookies, redirects, forms. One per person of the scenario."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin

import requests

from integrations.management.check.page import Page, Value, read

PATIENCE: Final = 30
"""Seconds until an answer must be there."""


class Browser:
    """Opens addresses, follows links and presses buttons; `page` is what it shows now."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.session = requests.Session()
        self.session.trust_env = False
        self.page = Page(0, home, "", "", (), ())

    def open(self, address: str) -> Page:
        """Go to an address: a full one, or a path of the portal."""
        return self._show(self.session.get(urljoin(self.home, address), timeout=PATIENCE))

    def follow(self, text: str) -> Page:
        """Follow the link that begins with this text. Raises NotThere."""
        return self.open(urljoin(self.page.url, self.page.link(text)))

    def press(self, button: str, of: str | None = None, **values: Value) -> Page:
        """Fill in values and press a button (`of`: its value, where several share the text).

        Everything else of the form is sent as the page had it. Raises NotThere.
        """
        form, pressed = self.page.form_of(button, of)
        sent = form.values | values
        if pressed.name:
            sent[pressed.name] = pressed.value
        address = urljoin(self.page.url, pressed.action or form.action)
        if form.method == "GET":
            return self._show(self.session.get(address, params=sent, timeout=PATIENCE))
        return self._show(self.session.post(address, data=sent, timeout=PATIENCE))

    def post(self, address: str, **values: Value) -> Page:
        """Send a form to an address, as a page that was opened long ago would."""
        sent: dict[str, Value] = {
            "csrfmiddlewaretoken": self.session.cookies.get("csrftoken") or "",
            **values,
        }
        return self._show(
            self.session.post(urljoin(self.home, address), data=sent, timeout=PATIENCE)
        )

    def log_in(self, name: str, password: str) -> Page:
        """Log in from the log-in page."""
        self.open("/login/")
        return self.press("Log in", username=name, password=password)

    def _show(self, answer: requests.Response) -> Page:
        seen = read(answer.text)
        self.page = Page(
            status=answer.status_code,
            url=answer.url,
            text=seen.text,
            html=answer.text,
            links=seen.links,
            forms=list(seen.forms.values()),
            via=[step.url for step in answer.history],
        )
        return self.page
