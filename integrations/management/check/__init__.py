"""The demo's check: a scenario played over HTTP, as people and HubSpot would. No product logic."""
