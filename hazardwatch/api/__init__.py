"""The HTTP face: what stands, commands, status, health. Reads the alarm log; its only writing is COMMAND records."""
