"""The demonstration: a plant, the service as a child process, a phone and a screen. Knows the service by its doors only."""
