"""The program's own log lines must not end the program."""

from __future__ import annotations

import io

from hazardwatch.program_log import Lenient


class Full(io.StringIO):
    """A stream on a disk that may be full."""

    full = False

    def flush(self) -> None:
        if self.full:
            raise OSError(28, "No space left on device")


def test_a_line_that_cannot_be_written_ends_nothing_and_is_counted() -> None:
    stream = Full()
    log = Lenient(stream)
    log.info("one")
    stream.full = True
    log.warning("two")
    log.error("three")
    stream.full = False
    log.info("four")
    assert stream.getvalue().splitlines()[0] == "one"
    assert stream.getvalue().splitlines()[-2:] == ["2 lines of this log could not be written", "four"]


def test_a_closed_stream_ends_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    Lenient(stream).critical("nobody hears")
