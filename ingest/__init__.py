"""MQTT message -> checked readings -> plant log. Judges nothing."""
