"""The world test: random histories over two fake systems, with faults at every step."""
