"""The one place that turns what a user can mend into plain words; all else is our mistake and keeps its traceback."""

from __future__ import annotations

import errno

from pipeline.errors import ConfigError, Permanent, Transient

_ADDRESS = {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES}


def plain_words(error: BaseException) -> list[str] | None:
    """What to tell the user, one text per fault; None when it is not for the user to mend."""
    if isinstance(error, BaseExceptionGroup):
        parts = [plain_words(one) for one in error.exceptions]
        return None if any(part is None for part in parts) else [text for part in parts if part for text in part]
    if isinstance(error, ConfigError | Permanent):
        return [str(error)]
    if isinstance(error, Transient):
        return [f"{error}; it may work later"]
    if isinstance(error, OSError) and error.strerror and (error.filename or error.errno in _ADDRESS):
        return [f"{error.filename}: {error.strerror}" if error.filename else error.strerror]
    return None
