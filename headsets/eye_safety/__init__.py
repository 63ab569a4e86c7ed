"""Eye safety of a headset's LEDs after IEC 62471:2006: `limits` holds the rules, `exposure` what reaches an eye.

An estimate for design, not an assessment by a test laboratory. docs/eye_safety.md says what is assumed.
"""

from headsets.eye_safety.exposure import LedExposures, led_exposures
from headsets.eye_safety.limits import (
    CORNEA_CLAUSE,
    EXEMPT_CLAUSE,
    PULSE_CLAUSE,
    RETINA_CLAUSE,
    burn_weight,
    corneal_limit,
    pulse_limit,
    retinal_limit,
)

__all__ = [
    "CORNEA_CLAUSE",
    "EXEMPT_CLAUSE",
    "PULSE_CLAUSE",
    "RETINA_CLAUSE",
    "LedExposures",
    "burn_weight",
    "corneal_limit",
    "led_exposures",
    "pulse_limit",
    "retinal_limit",
]
