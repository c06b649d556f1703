"""What a failure of Kafka's means for us, in plain words, and what its client library says while it tries again.

It mends nothing: who met the error acts on its fate.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from aiokafka import errors

from pipeline.errors import ConfigError, Permanent, Transient

_log = structlog.get_logger(__name__)
_NEVER = {
    errors.TopicAuthorizationFailedError: "the user may not read or write topic {detail}",
    errors.GroupAuthorizationFailedError: "the user may not take part in consumer group {detail}",
    errors.ClusterAuthorizationFailedError: "the user may not do this in the cluster (idempotent writing, topics)",
    errors.SaslAuthenticationFailed: "the user or password is wrong",
    errors.AuthenticationFailedError: "the user or password is wrong",
    errors.UnsupportedSaslMechanismError: "{detail}",
    errors.IllegalSaslStateError: "the listener does not take this way of logging in",
    errors.IncompatibleBrokerVersion: "the brokers are too old or too new for this version: {detail}",
}
"""What waiting does not mend."""
_A_DIVISION = "because it is rebalancing"
"""Said as a warning whenever a process comes or goes."""
_TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)


def fate(error: Exception, what: str) -> Exception:
    """Transient, Permanent or ConfigError for what Kafka's client raised while `what` was tried."""
    for kind, words in _NEVER.items():
        if isinstance(error, kind):
            detail = str(error.args[0]) if error.args else ""
            return ConfigError(f"{what}: {words.format(detail=detail)}")
    if isinstance(error, ssl.SSLError):
        return ConfigError(f"{what}: no TLS with the broker: {_tls_words(error)}")
    if isinstance(error, _TOO_LARGE):
        return Permanent(f"{what}: a record is larger than the topic's max.message.bytes; raise that")
    return Transient(f"{what}: {_words(error)}")


def _words(error: Exception) -> str:
    """Errors of aiokafka's print a number and a name; some have nothing else to say."""
    return str(error) or type(error).__name__


def _tls_words(error: ssl.SSLError) -> str:
    return getattr(error, "verify_message", "") or error.reason or str(error)


class Saying(logging.Handler):
    """Takes what aiokafka logs: it tries again ten times a second, and says so each time.

    `last` is the newest warning or error, for whoever is asked why nothing goes on; `never` the newest that
    waiting does not mend. Each new text is said once, until it is `quiet` again.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last: str | None = None
        self.never: Exception | None = None
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        text = record.getMessage()
        if _A_DIVISION in text:
            return
        self.last = text
        for one in record.args if isinstance(record.args, tuple) else ():
            if isinstance(one, Exception) and isinstance(fate(one, ""), ConfigError):
                self.never = one
        if text not in self._said and len(self._said) < 100:
            self._said.add(text)
            _log.warning("kafka", said=text)

    def quiet(self) -> None:
        """All is well: the next trouble is news again."""
        self.last = self.never = None
        self._said.clear()


@contextmanager
def listening() -> Iterator[Saying]:
    """While entered, aiokafka's log lines come here and nowhere else."""
    library = logging.getLogger("aiokafka")
    saying = Saying()
    before = library.propagate
    library.propagate = False
    library.addHandler(saying)
    try:
        yield saying
    finally:
        library.removeHandler(saying)
        library.propagate = before
