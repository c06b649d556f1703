"""The demonstration: a plant, the service as a child process, a phone, a screen. Uses public doors only."""

from hazardwatch.demo.run import run_demo

__all__ = ["run_demo"]
