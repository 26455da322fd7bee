"""Magentrix, partner portal: companies, contacts and deals in step with its entities."""
