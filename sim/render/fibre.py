# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""How a fibre scatters light.

Radiance of a fibre, per unit of its width, for irradiance E across the ray, with angles theta out of the plane normal
to the fibre and phi around it (Marschner et al. 2003):

    diffuse  E cos(theta_i) albedo (1/(2 pi²) + p(phi)/8)       half even, half a Lambertian cylinder, whose phase
             p = (sin phi + (pi - phi) cos phi) / pi            p is 1 towards the light
    R        E cos(theta_i) / cos²(theta_d) g(theta_h - shift; width) F cos(phi/2) / 8
    TRT      the same with its own shift, width and a colour

Half of the paper's R and TRT: g is a density over theta_h, and theta_r runs twice as far (d'Eon et al. 2011).
R shift -5 and TRT shift 7.5 degrees, widths 7.5 and 15 degrees (their table 1: shift -10 to -5 and -3/2 of it, width
5 to 10 and twice it); F: Schlick, index 1.55. TRT's strength, and that half of the diffuse light is even, are priors.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS

wp.set_module_options(KERNEL_OPTIONS)

_R_SHIFT, _R_WIDTH = -0.087, 0.13
_TRT_SHIFT, _TRT_WIDTH = 0.131, 0.26
_F0 = 0.0465
_TRT = 0.20
"""Of albedo: TRT's share beside R's Fresnel factor."""
_RS, _RW, _TS, _TW = wp.constant(_R_SHIFT), wp.constant(_R_WIDTH), wp.constant(_TRT_SHIFT), wp.constant(_TRT_WIDTH)
_FIBRE = wp.constant(_F0)
_GLOW = wp.constant(_TRT)


@wp.func
def _gauss(x: float, width: float) -> float:
    """Normal density."""
    y = x / width
    return 0.39894 / width * wp.exp(-0.5 * y * y)


@wp.func
def fibre(tangent: wp.vec3, light: wp.vec3, view: wp.vec3, albedo: float, glossy: int) -> float:
    """Radiance for unit irradiance across the ray, 1/sr: unit tangent (root to tip), directions to light and camera."""
    si = wp.clamp(wp.dot(tangent, light), -0.999, 0.999)
    sr = wp.clamp(wp.dot(tangent, view), -0.999, 0.999)
    ci = wp.sqrt(1.0 - si * si)
    cr = wp.sqrt(1.0 - sr * sr)
    cosine = wp.clamp((wp.dot(light, view) - si * sr) / (ci * cr), -1.0, 1.0)
    x = 0.5 + 0.5 * cosine
    out = albedo * (0.050661 + 0.125 * (0.27 * x + 0.73 * x * x))  # the phase to 0.01
    if glossy == 1:
        half = wp.sqrt(wp.max(0.5 - 0.5 * (ci * cr - si * sr), 0.0)) * wp.sign(si + sr)  # sin(theta_h)
        th = half * (1.0 + half * half * 0.16667)
        cd = wp.sqrt(0.5 + 0.5 * (ci * cr + si * sr))
        m = 1.0 - cd * wp.sqrt(x)
        fresnel = _FIBRE + (1.0 - _FIBRE) * m * m * m * m * m
        lobes = fresnel * _gauss(th - _RS, _RW) + _GLOW * albedo * _gauss(th - _TS, _TW)
        steep = 1.0 - ci
        out *= (1.0 - _FIBRE) * (1.0 - steep * steep * steep * steep * steep)  # what R takes does not enter
        out += 0.125 * wp.sqrt(x) * lobes / (cd * cd)
    return ci * out
