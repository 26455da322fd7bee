"""A believable stand-in for one Xentral instance, in memory: the same in tests and over HTTP.

Start with `XentralSandbox`; `behaviour` has the switches, `admin` documents the routes for tools.
"""

from integrations.connectors.sandbox_delivery import deliver, deliver_forever

from .behaviour import Behaviour
from .errors import ApiError, Problem, Refusal
from .person import Person
from .server import DEMO_APP, DEMO_INIT_KEY, DEMO_TOKEN, XentralSandbox
from .webhooks import Delivery

__all__ = [
    "DEMO_APP",
    "DEMO_INIT_KEY",
    "DEMO_TOKEN",
    "ApiError",
    "Behaviour",
    "Delivery",
    "Person",
    "Problem",
    "Refusal",
    "XentralSandbox",
    "deliver",
    "deliver_forever",
]
