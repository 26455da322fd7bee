"""Tests of the Thena connector."""
