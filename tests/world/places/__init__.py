"""One module per target system: how it is connected, what its users do, what must hold in it."""
