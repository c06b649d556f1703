"""The site file: YAML -> `pipeline.site.Site`, or every fault at once. See docs/configuration.md.

Read `validate.py` first: it goes through the file from top to bottom.
"""

from pipeline.sitefile.advice import advice
from pipeline.sitefile.advice_shown import hint_lines
from pipeline.sitefile.expand import expanded
from pipeline.sitefile.fault import Fault, counted, render_fault
from pipeline.sitefile.loaded import Loaded
from pipeline.sitefile.read import collecting_later, load, load_bytes, pack
from pipeline.sitefile.validate import validate

__all__ = [
    "Fault",
    "Loaded",
    "advice",
    "collecting_later",
    "counted",
    "expanded",
    "hint_lines",
    "load",
    "load_bytes",
    "pack",
    "render_fault",
    "validate",
]
