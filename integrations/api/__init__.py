"""HTTP for machines: webhooks and health. Verifies, checks the shape, hands to a service."""
