"""What the histories share with the tests of services."""

from tests.services.conftest import unlimited

__all__ = ["unlimited"]
