"""The scenario's second story: a software firm keeps HubSpot and Thena in step, both ways."""
