"""The whole portal over the real connectors and both stand-ins, through random histories."""
