"""Property tests draw the same examples every time, and have no clock: the gate runs on shared machines."""

from hypothesis import settings

settings.register_profile("gate", deadline=None, derandomize=True)
settings.load_profile("gate")
