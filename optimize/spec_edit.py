"""Put numbers into a headset file as text, so that its comments and layout stay."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headsets import HeadsetError


def set_camera_pose(text: str, camera: str, position_mm: Sequence[float], look_at_mm: Sequence[float]) -> str:
    """Replace one camera's position and the point it looks at.

    Raises:
        HeadsetError: no such camera with both keys in flow style.
    """
    pattern = re.compile(
        rf"(^  {re.escape(camera)}: {{[^}}]*?position_mm: )\[[^\]]*\]([^}}]*?look_at_mm: )\[[^\]]*\]", re.MULTILINE
    )
    values = [", ".join(f"{value:g}" for value in values) for values in (position_mm, look_at_mm)]
    text, count = pattern.subn(rf"\g<1>[{values[0]}]\g<2>[{values[1]}]", text)
    if count != 1:
        raise HeadsetError(
            f"`cameras.{camera}` with position_mm and look_at_mm must stand once in the file, got {count}"
        )
    return text


def set_lens_focal(text: str, lens: str, fx_px: float) -> str:
    """Replace one lens's focal length.

    Raises:
        HeadsetError: no such lens with fx_px in flow style.
    """
    pattern = re.compile(rf"(^  {re.escape(lens)}: {{[^}}]*?fx_px: )[-+.\deE]+", re.MULTILINE)
    text, count = pattern.subn(rf"\g<1>{fx_px:g}", text)
    if count != 1:
        raise HeadsetError(f"`lenses.{lens}` with fx_px must stand once in the file, got {count}")
    return text
