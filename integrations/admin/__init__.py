"""Support's pages, one file per subject; importing them registers them."""

from integrations.admin import (
    audit,
    connections,
    ledger,
    notices,
    operations,
    reviews,
    runs,
    syncs,
    tenants,
)

__all__ = [
    "audit",
    "connections",
    "ledger",
    "notices",
    "operations",
    "reviews",
    "runs",
    "syncs",
    "tenants",
]
