"""Keeps HubSpot records in step with other systems. Layers: see tests/test_layers.py."""
