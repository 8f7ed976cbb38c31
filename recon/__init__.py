"""recon: nightly ETL and reconciliation for hospital networks.

The names below are the public ones; they keep their names and shapes.
"""

from recon.parse.x12 import read_x12
from recon.reconcile import three_way_match
from recon.reconcile.charges import usage_charge
from recon.site import Site

__all__ = ["Site", "read_x12", "three_way_match", "usage_charge"]
