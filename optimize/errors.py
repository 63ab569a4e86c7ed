"""Every error of this package derives from `OptimizeError`, a `ValueError`."""


class OptimizeError(ValueError):
    """A search breaks a rule; the message names rule, value and place."""
