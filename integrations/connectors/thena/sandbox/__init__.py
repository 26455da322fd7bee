"""A believable stand-in for Thena, in memory: the same object in tests and over HTTP.

Start with `ThenaSandbox`; `admin` documents the routes for tools, `behaviour` the switches.
"""

from integrations.connectors.sandbox_delivery import deliver, deliver_forever

from .behaviour import Behaviour
from .errors import ApiError
from .events import Delivery
from .person import Person
from .server import DEMO_KEY, DEMO_ORG, ThenaSandbox
from .state import App, Organisation

__all__ = [
    "DEMO_KEY",
    "DEMO_ORG",
    "ApiError",
    "App",
    "Behaviour",
    "Delivery",
    "Organisation",
    "Person",
    "ThenaSandbox",
    "deliver",
    "deliver_forever",
]
