"""Tests of the Xentral connector."""
