"""What can go wrong, and whose problem it is.

ReconError
├── SenderError         a file is wrong; tell the trading partner
├── SourceError         a source cannot be reached or trusted; tell whoever runs it
├── ConfigError         the site folder is wrong; every mistake is listed with file and line
├── InputError          a table handed over is not of its declared shape, a file named is not there
├── ReaderError         a reader of ours fails on a file (parse/feed.py); tell us
├── StatementError      a SQL file of ours cannot run (reconcile/engine.py); tell us
├── IntegrityError      stored bytes are not the bytes that were written
└── BusyError           another run holds this lake

One bad record is never an exception: it is a row in quarantine. These are for what stops a
whole file, a whole source or a whole run. Every message says what, where, why, and what to do.
"""


class ReconError(Exception):
    """The root: its text is written for the person who has to act on it."""

    exit_code = 1


class SenderError(ReconError):
    """A whole file cannot be read as what it claims to be; it goes to quarantine."""

    exit_code = 4


class SourceError(ReconError):
    """A source is unreachable, refuses us, or is not who it was yesterday."""

    exit_code = 5


class ConfigError(ReconError):
    """The site folder is wrong."""

    exit_code = 2


class InputError(ReconError):
    """A table lacks a column, has another type, or repeats a key; a file named is not there."""

    exit_code = 2


class ReaderError(ReconError):
    """A mistake of ours in reading a file; told without a word of what the file holds."""


class IntegrityError(ReconError):
    """A stored file's hash is not the one its manifest recorded."""

    exit_code = 7


class BusyError(ReconError):
    """Another process is writing to the lake."""

    exit_code = 6
