"""What the renderer does and at which cost; every feature can be switched off."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import SimError


@dataclass(frozen=True)
class RenderSettings:
    """Options of `Renderer`.

    Attributes:
        shadows: LEDs cast shadows (head on head, shell on head and head on shell).
        specular: the GGX lobe is added to the diffuse one.
        scattering: light diffuses in skin, lips and mouth before it leaves (see `sim.render.dipole`); off: they are
            Lambertian.
        bounce: face and housing throw light at each other once (see `sim.render.bounce`).
        skin_maps: pores, wrinkles, spots and shine from the wearer's skin maps (see `faces.skin`).
        node_light: the light on skin, lips and mouth is taken at the mesh's nodes alone, and they have no highlights;
            cheaper, but shadows' edges there are as coarse as the mesh (1.5 to 4 mm). The housing is then lit as if
            `sparse`.
        sparse: a quarter of the pixels, on the housing a sixteenth, is lit, and those between are averaged where light
            changes little; see `sim.render.spread`. Off: every pixel is lit.
        antialias: silhouettes are blended by the share of the pixel that they cover.
        eyes: corneas refract, iris and sclera have their texture, LEDs glint; off: iris and pupil are painted on the
            cornea.
        shell: shell, lens barrels and facial interface are drawn, occlude and shadow.
        hair: brows, beards and lashes are drawn as strands, and shade skin and each other; off: brows and beards are
            painted on, and lashes are the mesh's ribbons.
        panes: the panes of glasses dim what is behind them, for cameras and LEDs, and show the LEDs; cover glasses dim
            likewise. Frames are drawn in any case.
        ghosts: viewing lenses and cover glasses show the LEDs.
        shadow_resolution: texels of a shadow map across an LED's hemisphere, 64 to 4096. At 40 mm, 512 texels
            are 0.3 mm apart on the LED's axis and 0.15 mm at 90 degrees from it.
        shadow_bias_m: an occluder counts once it stands out of the receiver's tangent plane by more than this, m.
    """

    shadows: bool = True
    specular: bool = True
    scattering: bool = True
    bounce: bool = True
    skin_maps: bool = True
    node_light: bool = False
    sparse: bool = True
    antialias: bool = True
    eyes: bool = True
    shell: bool = True
    hair: bool = True
    panes: bool = True
    ghosts: bool = True
    shadow_resolution: int = 512
    shadow_bias_m: float = 0.15e-3

    def __post_init__(self) -> None:
        if not 64 <= self.shadow_resolution <= 4096:
            raise SimError(
                f"`64 <= shadow_resolution <= 4096` must hold, got {self.shadow_resolution} (RenderSettings)"
            )
        if not 0.0 <= self.shadow_bias_m < 0.01:
            raise SimError(f"`0 <= shadow_bias_m < 0.01` must hold, got {self.shadow_bias_m} (RenderSettings)")


FULL = RenderSettings()
"""Everything: what training frames and reports are rendered with."""
FAST = RenderSettings(
    node_light=True,
    bounce=False,
    skin_maps=False,
    sparse=False,
    eyes=False,
    hair=False,
    ghosts=False,
    shadow_resolution=192,
)
"""Shadows, diffusion in skin and glasses; skin is smooth, irises, brows and beards are painted on."""
PRESETS = {"fast": FAST, "full": FULL}
DIRECT = RenderSettings(
    scattering=False, bounce=False, skin_maps=False, eyes=False, hair=False, panes=False, ghosts=False
)
"""Light that goes straight from LEDs to opaque surfaces and to the camera: what closed forms and ray tracers check."""
