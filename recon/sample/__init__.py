"""A fictitious hospital network, written as a complete site: nights of files and an answer key.

Names, numbers and prices are invented; nothing is copied from third parties. The same arguments
give the same bytes on any machine.
"""

from recon.sample.generate import generate

__all__ = ["generate"]
