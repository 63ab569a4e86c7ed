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
        sparse: a quarter of the pixels is lit, and those between are averaged where light changes little; see
            `sim.render.spread`. Off: every pixel is lit.
        antialias: silhouettes are blended by the share of the pixel that they cover.
        shell: the headset's shell is drawn, occludes and shadows.
        panes: the panes of glasses dim what is behind them and show the LEDs; their frames are drawn in any case.
        ghosts: the viewing lenses show the LEDs.
        shadow_resolution: texels of a shadow map across an LED's hemisphere, 64 to 4096. At 40 mm, 512 texels
            are 0.3 mm apart on the LED's axis and 0.15 mm at 90 degrees from it.
        shadow_bias_m: an occluder counts once it stands out of the receiver's tangent plane by more than this, m.
    """

    shadows: bool = True
    specular: bool = True
    sparse: bool = True
    antialias: bool = True
    shell: bool = True
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
