"""Every error of this package derives from `SimError`, a `ValueError`."""


class SimError(ValueError):
    """A simulation request breaks a rule; the message names rule, value and place."""
