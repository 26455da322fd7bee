"""What every page's frame needs: stylesheets, the icon sprite, the time zone's name."""

from __future__ import annotations

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone

STYLESHEETS = tuple(f"portal/{name}.css" for name in ("tokens", "shell", "parts", "data", "setup"))


def frame(request: HttpRequest) -> dict[str, object]:
    """Return the frame's variables; no queries."""
    return {
        "stylesheets": STYLESHEETS,
        "sprite": static("portal/icons.svg"),
        "TIME_ZONE_NAME": timezone.get_current_timezone_name(),
    }
