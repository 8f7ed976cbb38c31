"""Where DuckDB puts what does not fit into memory, where no lake is at hand to hold it.

By itself it takes the folder ``.tmp`` of wherever the process stands, makes it open to everyone,
and leaves it there after a kill.

What belongs here: a folder that only this account may enter. What does not: where a night's match
spills, which is its lake (``reconcile/night.py``). Readers spill nowhere: what they hold are the
records as they were sent, before there are tokens.
"""

import atexit
import tempfile
from functools import cache

NOWHERE = ""


@cache
def own_folder() -> str:
    """A folder of this process, below ``TMPDIR``; gone with it, and after a kill still closed."""
    made = tempfile.TemporaryDirectory(prefix="recon-spill-", ignore_cleanup_errors=True)
    atexit.register(made.cleanup)
    return made.name
