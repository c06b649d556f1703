"""The oracle: the contract read one sample at a time, plainly, to compare the engine with.

It shares nothing with the engine but the site's dataclasses and `Command`. It is written for reading, not
for speed, and decides nothing the contract does not say; where that is silent, the comment says "silent".
"""

from tests.oracle.records import Commanded, Reading, Readings, Record
from tests.oracle.run import run

__all__ = ["Commanded", "Reading", "Readings", "Record", "run"]
