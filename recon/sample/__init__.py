"""A fictitious hospital network, written as a complete site: nights of files and an answer key.

Names, numbers and prices are invented; nothing is copied from third parties. The same arguments
give the same bytes on any machine.
"""

from recon.sample.generate import copy_template, generate

__all__ = ["copy_template", "generate"]
