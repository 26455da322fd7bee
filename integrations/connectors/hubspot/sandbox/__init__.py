"""A believable stand-in for HubSpot, in memory: the same object in tests and over HTTP.

Start with `HubSpotSandbox`; `admin` documents the endpoints for tools. Only what others need is
exported here.
"""

from integrations.connectors.sandbox_delivery import deliver_forever

from .account import Account
from .admin_records import numbered
from .apps import App, Subscription, Tokens
from .behaviour import Behaviour
from .errors import ApiError
from .person import Person
from .server import HubSpotSandbox
from .webhooks import Delivery

__all__ = [
    "Account",
    "ApiError",
    "App",
    "Behaviour",
    "Delivery",
    "HubSpotSandbox",
    "Person",
    "Subscription",
    "Tokens",
    "deliver_forever",
    "numbered",
]
