"""Dagster: what must be true before the next step may run."""

import warnings

import dagster as dg

# Results per business date need `partitions_def` on a check, which 1.13 still calls a preview; we
# pin ~=1.13.0, and a person who runs the night can do nothing about it.
warnings.filterwarnings("ignore", message="Specifying a partitions_def", category=dg.PreviewWarning)
