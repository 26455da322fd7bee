"""The Django project: wiring only. Nothing here knows what the portal is about."""
