"""Tests of the services: real PostgreSQL, systems played by `responses` or a sandbox."""
