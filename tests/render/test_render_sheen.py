"""Highlights of skin and lips in a shipped headset, against the microfacet formula with what the skin maps state."""

from dataclasses import replace
from functools import cache

import numpy as np
from test_render_skin import PLAIN, bilinear, tilt

from faces import load_head_model
from faces.look import Look
from faces.materials import MATERIALS
from faces.skin.atlas import load_atlas
from faces.skin.look import SkinLook
from faces.skin.maps import compose, skin_maps
from headsets import load_headset
from sim.render import Renderer

CAMERA = "mouth_left"
LOOK = Look(skin=SkinLook(oiliness=0.9, seed=3))


@cache
def scene():
    """One LED, one camera, an open mouth; the highlights alone, and the buffers."""
    head, whole = load_head_model(), load_headset("refa_green")
    mesh = head.mesh(head.neutral_identity(), {"jawOpen": 0.5}, look=LOOK)
    name, lamp = next((n, led) for n, led in whole.leds.items() if "mouth" in n)
    parts = replace(whole, leds={name: lamp}, cameras={CAMERA: whole.camera(CAMERA)})
    buffers = ("radiance", "depth", "normal", "triangle", "barycentric")
    matt, glossy = (
        Renderer(settings=replace(PLAIN, skin_maps=True, specular=on)).render(parts, mesh, buffers=buffers)[CAMERA]
        for on in (False, True)
    )
    return mesh, parts.camera(CAMERA), lamp, matt, glossy.radiance.astype(float) - matt.radiance


def lobe(n, to, towards, f0, alpha):
    """BRDF times the cosine of incidence: GGX, height-correlated Smith, Schlick; all vectors (3,), n unit."""
    l, v = to / np.linalg.norm(to), towards / np.linalg.norm(towards)  # noqa: E741
    h = (l + v) / np.linalg.norm(l + v)
    nl, nv = n @ l, n @ v
    d = alpha**2 / (np.pi * ((n @ h) ** 2 * (alpha**2 - 1) + 1) ** 2)
    shadowed = nl * np.sqrt(nv**2 * (1 - alpha**2) + alpha**2) + nv * np.sqrt(nl**2 * (1 - alpha**2) + alpha**2)
    return nl * d * (f0 + (1 - f0) * (1 - v @ h) ** 5) * 0.5 / shadowed


def expected_at(pixel, code):
    """Radiance of the highlight at one pixel whose texel is `code`; None where it is seen too flatly or not lit."""
    mesh, view, lamp, frame, _ = scene()
    corners, weights = mesh.triangles[frame.triangle[pixel]], frame.barycentric[pixel].astype(float)
    maps = skin_maps(mesh.topology, mesh.look.skin)
    n = view.T_device_camera.rotation.as_matrix() @ frame.normal[pixel]
    p = weights @ mesh.vertices[corners]
    to, towards = lamp.position - p, view.position - p
    r = np.linalg.norm(to)
    if n @ to < 0.2 * r or n @ towards < 0.5 * np.linalg.norm(towards):
        return None
    bent = n - tilt(mesh.vertices[corners], maps.uv[corners].astype(float), (code[2:] - 128) / 254)
    bent /= np.linalg.norm(bent)
    if bent @ to <= 0.05 * r:
        return None
    angle = np.arccos(np.clip(-to @ lamp.axis / r, -1, 1))
    arriving = lamp.radiant_intensity_w_sr * float(lamp.profile.relative(angle)) / r**2
    alpha, gain = 0.10 + 0.40 * code[1] / 255, 1.30 - 0.60 * code[1] / 255
    return arriving * lobe(bent, to, towards, gain * MATERIALS["skin"].f0, alpha)


def sampled(material, count, sheen=lambda uv, code: code[1]):
    """(N,) seen and expected at random pixels of a material; `sheen` gives the texel's, NaN: leave it out."""
    mesh, _, _, frame, highlight = scene()
    maps = skin_maps(mesh.topology, mesh.look.skin)
    packed = compose(maps, maps.weights(mesh.weights))
    which = mesh.topology.material_names.index(material)
    rows, columns = np.nonzero(np.append(mesh.material_ids, -1)[np.maximum(frame.triangle, -1)] == which)
    got, wanted = [], []
    for k in np.random.default_rng(0).permutation(len(rows)):
        pixel = rows[k], columns[k]
        uv = frame.barycentric[pixel].astype(float) @ maps.uv[mesh.triangles[frame.triangle[pixel]]]
        code = bilinear(packed, uv)
        code[1] = sheen(uv, code)
        value = None if np.isnan(code[1]) else expected_at(pixel, code)
        if value is not None:
            got.append(highlight[pixel])
            wanted.append(value)
        if len(got) == count:
            break
    return np.array(got), np.array(wanted)


def test_highlights_follow_the_sheen_of_the_maps():
    """GGX's alpha and the specular gain are the texel's."""
    got, wanted = sampled("skin", 400)
    assert len(got) == 400
    np.testing.assert_allclose(got, wanted, rtol=2e-3, atol=1e-4 * wanted.max())


def test_lips_shine_where_wet():
    """GGX's alpha goes from 0.28 to 0.12 as the atlas's nearness to the mouth's opening goes from 0 to 1."""
    nearness = np.repeat(load_atlas(scene()[0].topology).wet[..., None], 4, axis=2)

    def sheen(uv, _):
        wet = bilinear(nearness, uv)[0] / 255
        return (0.28 + (0.12 - 0.28) * wet - 0.10) / 0.40 * 255 if wet > 0.4 else np.nan

    got, wanted = sampled("lips", 300, sheen)
    error = np.abs(got - wanted) / wanted.max()
    assert len(got) > 40
    assert np.median(error) < 2e-3
    assert np.percentile(error, 95) < 5e-3
