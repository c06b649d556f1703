"""Plants that do not exist, for demonstrations, tests and drills."""
