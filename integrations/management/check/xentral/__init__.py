"""The machine builder's story: HubSpot contacts and deals with Xentral, step by step."""
