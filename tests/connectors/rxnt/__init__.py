"""Tests of the RXNT connector."""
