"""What the portal does: the only layer where engine, connectors and models meet."""
