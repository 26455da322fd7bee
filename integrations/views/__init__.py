"""Pages of org admins: read the request, call one service, render. Never a connector."""
