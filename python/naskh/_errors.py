"""What can go wrong, in the words of the command line: where, what was found, and what was expected."""


class Error(Exception):
    """Whatever goes wrong."""


class InputError(Error, ValueError):
    """A table, a row or a record is not what it should be."""


class DuplicateIdError(InputError):
    """Two articles carry one id."""


class ConfigError(Error, ValueError):
    """An option or a model does not fit."""


class FileError(Error, OSError):
    """The operating system refused."""


class LockedError(Error):
    """Another process writes to the index, or this one does already; it is named."""


class ClosedError(Error, ValueError):
    """The index has been closed."""
