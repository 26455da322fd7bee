"""Tests of support's pages."""
