"""An engineer's I/O list (cells of a table) -> a site file, and every row that was not understood with its reason.

Read `importing.py` first: it goes the whole way. Files are opened in `files.py` only.
"""
