"""Every error of this package derives from `FaceError`, a `ValueError`."""


class FaceError(ValueError):
    """A request to a head model breaks a rule; the message names rule, value and place."""


class UnknownExpressionError(FaceError):
    """An expression or blendshape name that the head model does not have."""


class HeadDataError(FaceError):
    """The data files that the built-in head is made from are missing or damaged."""
