"""Tests of the addresses for machines."""
