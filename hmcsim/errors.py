"""Every error of this package derives from `HmcsimError`, a `ValueError`."""


class HmcsimError(ValueError):
    """A request breaks a rule; the message names rule, value and place."""


class OutputError(HmcsimError):
    """An output folder cannot be written."""
