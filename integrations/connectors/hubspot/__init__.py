"""HubSpot: the CRM on one side of every integration."""
