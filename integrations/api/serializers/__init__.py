"""The shapes in which the REST API takes and gives things, one file per subject. No look-ups."""
