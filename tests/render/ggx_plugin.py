"""The specular lobe as a BSDF of Mitsuba's, written from the papers: Mitsuba's own ones have another shadowing term.

D: GGX (Walter et al. 2007, eq. 33). G2: Smith's, masking and shadowing correlated by height, 1 / (1 + Λ(v) + Λ(l))
with Λ(x) = (sqrt(1 + α² tan² x) - 1) / 2 (Heitz 2014, eq. 99 and 72). F: Schlick 1994. Mitsuba's `roughconductor`
and `principled` multiply two terms 1 / (1 + Λ) instead.
"""

import math

import mitsuba as mi

mi.set_variant("scalar_rgb")
GLOSSY = mi.BSDFFlags.GlossyReflection | mi.BSDFFlags.FrontSide


class Ggx(mi.BSDF):
    """A GGX lobe alone; `f0` and `alpha` are its parameters. It is lit by emitters and never sampled."""

    def __init__(self, props):
        mi.BSDF.__init__(self, props)
        self.f0, self.alpha = props["f0"], props["alpha"]
        self.m_components, self.m_flags = [GLOSSY], GLOSSY

    def eval(self, ctx, si, wo, active=True):
        """BSDF times the cosine of the light, local frame."""
        v = si.wi
        cos_v, cos_l = v.z, wo.z
        if cos_v <= 0 or cos_l <= 0:
            return mi.Color3f(0.0)
        x, y, z = v.x + wo.x, v.y + wo.y, cos_v + cos_l
        length = math.sqrt(x * x + y * y + z * z)
        cos2_h = (z / length) ** 2
        cos_d = min((v.x * x + v.y * y + cos_v * z) / length, 1.0)
        a2 = self.alpha**2
        d = a2 / (math.pi * cos2_h**2 * (a2 + (1 - cos2_h) / cos2_h) ** 2)
        smith = 1 + _lambda(cos_v, a2) + _lambda(cos_l, a2)
        f = self.f0 + (1 - self.f0) * (1 - cos_d) ** 5
        return mi.Color3f(d * f / smith / (4 * cos_v))

    def pdf(self, ctx, si, wo, active=True):
        """Never sampled."""
        return 0.0

    def eval_pdf(self, ctx, si, wo, active=True):
        """What the integrator asks for."""
        return self.eval(ctx, si, wo), 0.0

    def sample(self, ctx, si, sample1, sample2, active=True):
        """Never sampled."""
        return mi.BSDFSample3f(), mi.Color3f(0.0)

    def to_string(self):
        """Its name."""
        return "Ggx"


def _lambda(cosine, a2):
    return 0.5 * (math.sqrt(1 + a2 * (1 / cosine**2 - 1)) - 1)


mi.register_bsdf("ggx_joint", Ggx)
