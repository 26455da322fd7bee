"""Xentral, ERP: HubSpot contacts and deals in step with addresses and resubmissions."""
