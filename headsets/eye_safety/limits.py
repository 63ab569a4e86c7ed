"""Exposure limits of IEC 62471:2006 for near-infrared light at open eyes, and ICNIRP's newer retinal one beside it.

Sources: IEC 62471:2006 (CIE S 009), clauses named below; ICNIRP, "Guidelines on limits of exposure to incoherent
visible and infrared radiation", Health Physics 105(1):74-96, 2013, with its erratum to equation 9.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headsets.errors import HeadsetError

CORNEA_CLAUSE = "IEC 62471:2006, 4.3.7"
"""Infrared radiation hazard exposure limits for the eye (cornea and lens, 780 to 3000 nm)."""
RETINA_CLAUSE = "IEC 62471:2006, 4.3.6"
"""Retinal thermal hazard exposure limit, weak visual stimulus (780 to 1400 nm)."""
PULSE_CLAUSE = "IEC 62471:2006, 4.3.5"
"""Retinal thermal hazard exposure limit for 10 us to 10 s, here of a single flash."""
EXEMPT_CLAUSE = "IEC 62471:2006, 6.1.1"
"""The exempt group: neither limit is exceeded within 1000 s."""

WAVELENGTHS_NM = (780.0, 1400.0)
"""Both hazards above apply. Shorter waves are seen and have other limits, longer ones do not reach the retina."""
STEADY_S = 1000.0
"""From here on the corneal limit is constant; also the exempt group's time."""
STEADY_CORNEAL_LIMIT = 100.0  # W/m2
ALPHA_MIN_RAD, ALPHA_MAX_RAD = 0.011, 0.1
"""Ends of the angular subtense in the retinal limit for exposures over 10 s: eye movements smear smaller images, and
larger ones cool no worse."""
PULSE_ALPHA_MIN_RAD = 0.0017
"""The smallest subtense for exposures under 0.25 s, when the eye has not moved."""
LONGEST_PULSE_S = 10.0
IEC_PULSE = 50000.0  # W s^0.25 rad / m2 / sr
IEC_RETINAL, ICNIRP_RETINAL = 6000.0, 6300.0  # W rad / m2 / sr


def corneal_limit(exposure_s: float = np.inf) -> float:
    """Highest irradiance of cornea and lens, W/m2: 18000 t^-0.75 up to 1000 s, 100 beyond.

    Raises:
        HeadsetError: unless the exposure is positive.
    """
    if not exposure_s > 0:
        raise HeadsetError(f"`exposure_s > 0` must hold for the corneal limit, got {exposure_s}")
    return 18000.0 * exposure_s**-0.75 if exposure_s <= STEADY_S else STEADY_CORNEAL_LIMIT


def retinal_limit(alpha_rad: ArrayLike, constant: float = IEC_RETINAL) -> NDArray[np.float64]:
    """Highest burn-weighted radiance, W/m2/sr, for exposures over 10 s of sources of these angular subtenses (*batch,).

    Args:
        alpha_rad: clipped to [`ALPHA_MIN_RAD`, `ALPHA_MAX_RAD`].
        constant: `IEC_RETINAL` or `ICNIRP_RETINAL`.
    """
    return constant / np.clip(np.asarray(alpha_rad, dtype=np.float64), ALPHA_MIN_RAD, ALPHA_MAX_RAD)


def pulse_limit(alpha_rad: ArrayLike, pulse_s: ArrayLike) -> NDArray[np.float64]:
    """Highest burn-weighted radiance, W/m2/sr, of one flash: 50000 / (alpha t^0.25).

    It is kept for flashes shorter than 10 us, where the standard allows more.

    Args:
        alpha_rad: angular subtenses (*batch,), clipped to [`PULSE_ALPHA_MIN_RAD`, `ALPHA_MAX_RAD`].
        pulse_s: (*batch,) > 0; longer than `LONGEST_PULSE_S` counts as that.
    """
    alpha = np.clip(np.asarray(alpha_rad, dtype=np.float64), PULSE_ALPHA_MIN_RAD, ALPHA_MAX_RAD)
    return np.asarray(IEC_PULSE / (alpha * np.minimum(pulse_s, LONGEST_PULSE_S) ** 0.25))


def burn_weight(wavelength_nm: float) -> float:
    """The burn hazard weight R: 10^((700 - wavelength) / 500) up to 1050 nm, 0.2 beyond.

    Beyond 1150 nm the standard's table falls further; 0.2 is kept, which errs to the safe side.

    Raises:
        HeadsetError: a wavelength outside `WAVELENGTHS_NM`.
    """
    low, high = WAVELENGTHS_NM
    if not low <= wavelength_nm <= high:
        raise HeadsetError(
            f"`{low:g} <= wavelength_nm <= {high:g}` must hold for eye safety to be estimated "
            f"(other hazards have other limits), got {wavelength_nm:g}"
        )
    return float(10 ** ((700 - wavelength_nm) / 500)) if wavelength_nm <= 1050 else 0.2
