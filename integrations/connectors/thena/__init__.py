"""Thena, customer support: HubSpot contacts and companies in step with contacts and accounts."""
