"""Tests of the pure engine: no database, no network, no clock."""
