"""Every error of this package derives from `EncoderError`, a `ValueError`."""


class EncoderError(ValueError):
    """A request to train, load or evaluate an encoder breaks a rule; the message names rule, value and place."""
