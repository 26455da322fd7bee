"""Support's pages, one file per subject; importing them registers them."""

from integrations.admin import (
    audit,
    connections,
    deliveries,
    drafts,
    inbox,
    jobs,
    ledger,
    merges,
    notices,
    operations,
    reviews,
    runs,
    syncs,
    tenants,
    tokens,
)

__all__ = [
    "audit",
    "connections",
    "deliveries",
    "drafts",
    "inbox",
    "jobs",
    "ledger",
    "merges",
    "notices",
    "operations",
    "reviews",
    "runs",
    "syncs",
    "tenants",
    "tokens",
]
