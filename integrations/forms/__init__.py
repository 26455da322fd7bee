"""Forms of the pages: shapes and checks of input. What they cause is in services."""
