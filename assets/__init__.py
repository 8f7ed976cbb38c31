"""Dagster: what runs, when, over which business date. What a step does is in ``recon``."""
