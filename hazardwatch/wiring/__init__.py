"""How each role of a process is put together, one file a role; hazardwatch.service says in which order."""
