"""Real Mosquitto, Kafka and TimescaleDB on this machine's loopback, for development and tests.

Standard library only, so that it runs before anything else is installed. Nothing here is for a plant.
"""
