"""The scenario's story of a vendor that keeps HubSpot and its Magentrix portal in step."""
