"""The pure core: how two records are compared and what is done about it. No Django, HTTP or clock."""
