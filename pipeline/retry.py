"""The one place that tries again: what raised Transient, after a wait that doubles, with full jitter.

It never decides what may be tried again: the place that met the error said so by raising Transient.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from pipeline.clock import monotonic_s
from pipeline.errors import Transient

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait at most, in seconds: after the first failure, and ever."""

    first_s: float = 0.1
    most_s: float = 30.0


class _Teller:
    """Says each new error of one action once, and when it is over; an hour of one error is one line, not a thousand."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._last: str | None = None

    def failed(self, state: RetryCallState) -> None:
        error = repr(state.outcome.exception()) if state.outcome else None
        if error != self._last:
            _log.warning("will try again", what=self._what, error=error, attempt=state.attempt_number)
        self._last = error

    def worked(self) -> None:
        if self._last is not None:
            _log.info("works again", what=self._what)


async def until_done(
    what: str,
    action: Callable[[], Awaitable[_T]],
    *,
    attempts: int | None = None,
    deadline_s: float | None = None,
    pace: Pace = Pace(),
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = monotonic_s,
) -> _T:
    """What `action()` returns, tried until it does not raise Transient. `what` names it in the log.

    The wait before try n+1 is uniform in [0, min(most_s, first_s * 2**(n-1))] of `pace`: many that failed
    together do not come back together. For ever, unless `attempts` (tries in all) are used up or the next try
    would begin later than `deadline_s` after the first: then the last Transient is raised. Any other error,
    and cancellation, passes at once.
    """
    began = clock()
    # Nearly always the first try does it; a retrying of tenacity's for each would cost more than most actions.
    failed: Transient | None = None
    try:
        return await action()
    except Transient as error:
        failed = error
    teller = _Teller(what)

    def given_up(state: RetryCallState) -> bool:
        if attempts is not None and state.attempt_number >= attempts:
            return True
        return deadline_s is not None and clock() + state.upcoming_sleep > began + deadline_s

    async def one_try() -> _T:
        nonlocal failed
        if failed is not None:  # the first try, told to tenacity now
            first, failed = failed, None
            raise first
        return await action()

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(Transient),
        wait=wait_random_exponential(multiplier=pace.first_s, max=pace.most_s),
        stop=given_up,
        sleep=sleep,
        before_sleep=teller.failed,
        reraise=True,
    )
    result: _T = await retrying(one_try)
    teller.worked()
    return result
