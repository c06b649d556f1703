"""The alarm list of a site as a table for the annual review: out of the site file, and what was edited back into it.

Read `columns.py` first; `attributes.py` turns alarms into cells and back, `applying.py` puts the parts together.
"""
