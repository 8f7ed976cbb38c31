"""Dagster: what must be true before the next step may run."""
