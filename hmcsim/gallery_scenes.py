"""What a gallery shows: the variety that an encoder meets (UFE, section 4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.render.ambient import Ambient


@dataclass(frozen=True)
class GalleryScene:
    """One row of a gallery.

    Attributes:
        title: what it shows.
        sex, ages: of the wearer, None: any.
        beard, glasses: see `hmcsim.wearer.drawn_look`.
        reflectance: of the skin at 850 and 940 nm, None: drawn.
        expression: ARKit weights.
        gaze_deg: azimuth and elevation.
        donning: x, y, z in mm and rx, ry, rz in degrees, as `--donning` takes them.
        exposure: "auto", or a factor on the sensor's own exposure, then fixed.
        current: of the LEDs, relative to the file's.
        ambient: light beside the LEDs'.
    """

    title: str
    sex: str | None = None
    ages: tuple[float, float] = (18.0, 80.0)
    beard: str | None = "none"
    glasses: str | None = "none"
    reflectance: tuple[float, float] | None = None
    expression: Mapping[str, float] = field(default_factory=dict)
    gaze_deg: tuple[float, float] = (0.0, 0.0)
    donning: str = "0,0,0,0,0,0"
    exposure: str | float = "auto"
    current: float = 1.0
    ambient: Ambient | None = None


def _both(**weights: float) -> dict[str, float]:
    """Weights for left and right alike."""
    return {f"{name}{side}": value for name, value in weights.items() for side in ("Left", "Right")}


SCENES = (
    GalleryScene("neutral", sex="female", ages=(20, 35)),
    GalleryScene("full beard, smile", sex="male", beard="full", expression=_both(mouthSmile=0.8, cheekSquint=0.5)),
    GalleryScene("glasses, jaw drop", glasses="rectangle", expression={"jawOpen": 0.7}, gaze_deg=(0, 10)),
    GalleryScene(
        "dark skin, raised brows",
        reflectance=(0.38, 0.375),
        expression={"browInnerUp": 0.9} | _both(browOuterUp=0.8, eyeWide=0.6),
    ),
    GalleryScene(
        "65 and older, squint and sneer",
        ages=(65, 80),
        expression=_both(eyeSquint=0.7, noseSneer=0.6, browDown=0.6),
        gaze_deg=(15, -5),
    ),
    GalleryScene(
        "moustache, round glasses, pucker",
        sex="male",
        beard="moustache",
        glasses="round",
        expression={"mouthPucker": 0.9},
    ),
    GalleryScene(
        "half blink, gaze aside, re-worn low and tilted",
        expression=_both(eyeBlink=0.5),
        gaze_deg=(-25, 0),
        donning="1.5,-4,2,4,1.5,-1.5",
    ),
    GalleryScene(
        "stubble, tongue; dim: gain 1",
        sex="male",
        beard="stubble",
        expression={"tongueOut": 0.8, "jawOpen": 0.4},
        exposure=1.0,
    ),
    GalleryScene("saturated: twelve times the current", expression=_both(mouthFrown=0.7), current=12.0, exposure=1.0),
    GalleryScene(
        "sun past the facial interface",
        expression={"mouthLeft": 0.7},
        ambient=Ambient(radiance=(0.6,), sun_direction=(0.55, -0.45, 0.7036), sun_irradiance_w_m2=8.0),
    ),
)
