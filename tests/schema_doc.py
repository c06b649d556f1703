"""Writes docs/schema.md from the comments in a database; a test holds the two together.

python -m tests.schema_doc DSN > docs/schema.md        (the DSN of a migrated database)
"""

import sys

import psycopg

HEAD = """\
# The history in SQL

One database holds one site. `psql "$(hazardwatch dsn)"` opens it for reading. What others build on are the views of
the schema `hazardwatch`; the tables behind them (schema `historian`) are the writer's own and may change with any
version. This page is written from the comments in the database (`\\d+ hazardwatch.readings` shows them too).
"""
TABLES_HEAD = """\
## Behind the views

The schema `historian`, for whoever looks after the database. Exactly-once comes from `position`: it moves in the
transaction that stores what was read, so nothing is doubled and nothing left out however often the writer is killed.
"""
VIEWS = """
select c.relname, obj_description(c.oid), a.attname, format_type(a.atttypid, a.atttypmod),
       col_description(c.oid, a.attnum)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid
where n.nspname = 'hazardwatch' and c.relkind = 'v' and a.attnum > 0
order by c.relname, a.attnum
"""
TABLES = """
select c.relname, obj_description(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'historian' and c.relkind in ('r', 'v') order by c.relname
"""


def render(dsn: str) -> str:
    """The page."""
    parts = [HEAD]
    with psycopg.connect(dsn) as connection:
        view = ""
        for name, about, column, type_, meaning in connection.execute(VIEWS):
            if name != view:
                parts.append(f"\n## {name}\n\n{about}\n\n| column | type | meaning |\n|---|---|---|\n")
                view = name
            parts.append(f"| `{column}` | {type_} | {meaning} |\n")
        parts.append("\n" + TABLES_HEAD + "\n| table | holds |\n|---|---|\n")
        parts += [f"| `{name}` | {about} |\n" for name, about in connection.execute(TABLES)]
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(render(sys.argv[1]))
