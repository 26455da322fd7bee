"""Tests of the Magentrix connector."""
