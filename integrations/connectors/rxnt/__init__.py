"""RXNT, practice management: HubSpot contacts become patients, one way."""
