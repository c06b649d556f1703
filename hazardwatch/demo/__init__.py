"""The demonstration: a plant, the service as a child process, a phone, a screen. Uses public doors only."""
