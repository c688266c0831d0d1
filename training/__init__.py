"""Makes the models that medfaq ships, from named data."""
