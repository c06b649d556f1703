"""Three fates of a failure. The place that meets an error chooses the fate; the loop around it acts."""


class Transient(Exception):
    """It may work later: retried by the one place that retries (pipeline.retry)."""


class Permanent(Exception):
    """It will never work: recorded, counted, shown; not tried again."""


class ConfigError(Exception):
    """The program was asked for something it cannot do; it says what and does not start."""
