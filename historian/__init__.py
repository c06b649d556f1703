"""Logs -> PostgreSQL or TimescaleDB. Decides no alarm; alarms never wait for it."""
