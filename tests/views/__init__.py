"""Tests of the pages: the real services over stand-ins of both systems."""
