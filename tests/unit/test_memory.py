"""What a large block took goes back to the system, also when such blocks were freed before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_GROW_AND_FREE = """
import sys
from pathlib import Path
from hazardwatch.memory import settle_memory

settle_memory()
for _ in range(3):
    held = [b"x" * (16 << 20) for _ in range(6)]
    small = bytes(1000)
    del held
pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
sys.stdout.write(str(int(pages) * 4096))
"""


def test_large_blocks_are_given_back() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", _GROW_AND_FREE], cwd=root, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 60 << 20  # 96 MiB were held
