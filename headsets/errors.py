"""Every error of this package derives from `HeadsetError`, a `ValueError`."""


class HeadsetError(ValueError):
    """A headset file or a request to a headset breaks a rule; the message names rule, value and place."""


class UnknownHeadsetError(HeadsetError):
    """A headset name that is neither shipped nor a readable file."""


class UnknownPartError(HeadsetError):
    """A camera or LED name that the headset does not have."""


class UnfitPartsError(HeadsetError):
    """Parts that are right one by one, and wrong together (`headsets.consistency`)."""
