"""Refused messages -> records of SYSTEM, at most a hundred a second whole and the rest counted. Does not append."""

from __future__ import annotations

from collections import Counter, deque

from pipeline import records
from pipeline.model import DeadLetter

MOST_PAYLOAD = 64 * 1024
WHOLE_PER_SECOND = 100
_MOST_TEXT = 1_000


class DeadLetters:
    """Gathers the letters of one process. Counted ones come out as one letter per reason, once a second.

    The hundred hold for any second, wherever it begins: whoever reads them counts by seconds of the log's clock.
    """

    def __init__(self) -> None:
        self._second = -1
        self._whole: deque[float] = deque(maxlen=WHOLE_PER_SECOND)
        self._letters: list[DeadLetter] = []
        self.size = 0
        """Bytes of the payloads held."""
        self._counted: Counter[str] = Counter()

    def add(self, topic: str, reason: str, detail: str, payload: bytes, now_s: float) -> None:
        """One refused message or reading; `now_s` is a clock that only runs forward."""
        self._turn(now_s)
        if len(self._whole) == WHOLE_PER_SECOND and now_s - self._whole[0] < 1.0:
            self._counted[reason] += 1
            return
        self._whole.append(now_s)
        letter = DeadLetter(
            topic=topic[:_MOST_TEXT], reason=reason, detail=detail[:_MOST_TEXT], payload=bytes(payload[:MOST_PAYLOAD])
        )
        self._letters.append(letter)
        self.size += len(letter.payload)

    def take(self, now_s: float) -> list[bytes]:
        """The records due by now, in order."""
        self._turn(now_s)
        taken = [records.encode(letter) for letter in self._letters]
        self._letters.clear()
        self.size = 0
        return taken

    @property
    def counting(self) -> bool:
        """Whether letters wait only for their second to end."""
        return bool(self._counted)

    def _turn(self, now_s: float) -> None:
        if int(now_s) != self._second:
            self._close_second()
            self._second = int(now_s)

    def _close_second(self) -> None:
        for reason, count in self._counted.items():
            detail = "counted only: more than a hundred refused in this second"
            self._letters.append(DeadLetter(topic="", reason=reason, detail=detail, count=count))
        self._counted.clear()
