"""Version 1 of the REST API, one file per subject: checks the request, calls one service."""
