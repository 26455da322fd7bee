"""A believable stand-in for a Magentrix portal, in memory: the same object in tests and over HTTP.

Start with `MagentrixSandbox`; `admin` documents the routes for tools, `setup` the invented set-up
calls, `behaviour` the switches, `fields` the names of field types that we had to choose.
"""

from .behaviour import Behaviour
from .errors import ApiError, Code, Refused
from .fields import FieldType
from .person import Person
from .seeds import DEMO_KEY, USERS, SeedUser
from .server import MagentrixSandbox
from .trouble import BatchFault, Rule

__all__ = [
    "DEMO_KEY",
    "USERS",
    "ApiError",
    "BatchFault",
    "Behaviour",
    "Code",
    "FieldType",
    "MagentrixSandbox",
    "Person",
    "Refused",
    "Rule",
    "SeedUser",
]
