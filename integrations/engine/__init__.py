"""The pure core: what differs and what is done about it. No Django, no HTTP, no clock."""
