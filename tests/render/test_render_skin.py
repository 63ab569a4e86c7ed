"""Skin maps in the image: a slow reading of the maps, texel by texel, against what a shipped headset shows."""

from dataclasses import replace

import numpy as np
from render_scenes import points

from faces import load_head_model
from faces.look import Look
from faces.skin.look import SkinLook
from faces.skin.maps import compose, skin_maps
from headsets import load_headset
from sim.render import DIRECT, Renderer

PLAIN = replace(DIRECT, shadows=False, specular=False, sparse=False, antialias=False, shell=False)
LOOK = Look(skin=SkinLook(pores=1.5, wrinkles=0.8, nevi=8, seed=3))


def bilinear(packed, uv):
    """(4,) codes at one place."""
    h, w = packed.shape[:2]
    x, y = np.clip(uv[0] * w - 0.5, 0, w - 1.001), np.clip(uv[1] * h - 0.5, 0, h - 1.001)
    i, j = int(y), int(x)
    fy, fx = y - i, x - j
    rows = packed[i : i + 2, j : j + 2].astype(float)
    return (rows[0, 0] * (1 - fx) + rows[0, 1] * fx) * (1 - fy) + (rows[1, 0] * (1 - fx) + rows[1, 1] * fx) * fy


def tilt(corners, uv, slopes):
    """Gradient of the height (3,) in the triangle's plane whose slopes along rising u and rising v are given."""
    edges = corners[1:] - corners[0]
    along = np.linalg.pinv(uv[1:] - uv[0]) @ edges  # (2, 3): dP/du, dP/dv
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    return np.linalg.lstsq(along, np.asarray(slopes), rcond=None)[0]


def test_albedo_and_relief_are_the_maps(pictures):
    """Radiance under one LED with the maps over that without: gain times the tilted normal's share of the light."""
    head, whole = load_head_model(), load_headset("refa_green")
    mesh = head.mesh(head.neutral_identity(), {"browInnerUp": 1.0, "mouthSmileLeft": 1.0}, look=LOOK)
    name, lamp = next((n, led) for n, led in whole.leds.items() if "mouth" in n)
    parts = replace(whole, leds={name: lamp}, cameras={"mouth_left": whole.camera("mouth_left")})
    view = parts.camera("mouth_left")
    buffers = ("radiance", "depth", "normal", "triangle", "barycentric")
    plain = Renderer(settings=PLAIN).render(parts, mesh, buffers=buffers)["mouth_left"]
    mapped = Renderer(settings=replace(PLAIN, skin_maps=True)).render(parts, mesh)["mouth_left"]
    maps = skin_maps(mesh.topology, mesh.look.skin)
    packed = compose(maps, maps.weights(mesh.weights))
    skin = mesh.topology.material_names.index("skin")
    place = points(view, np.nan_to_num(plain.depth, nan=1.0))
    turn = view.T_device_camera.rotation.as_matrix()
    rng, seen, relief = np.random.default_rng(0), 0, []
    pictures.keep("maps and none", mapped.radiance, plain.radiance)
    checked = np.zeros((2, *plain.radiance.shape))
    pictures.keep("ratio at the checked pixels", *checked)
    for i, j in rng.permutation(np.argwhere(plain.radiance > 0.1 * plain.radiance.max()))[:600]:
        t = plain.triangle[i, j]
        if t < 0 or mesh.material_ids[t] != skin:
            continue
        corners, weights = mesh.triangles[t], plain.barycentric[i, j].astype(float)
        n = turn @ plain.normal[i, j]
        to = lamp.position - place[i, j]
        to /= np.linalg.norm(to)
        towards = view.position - place[i, j]
        if n @ to < 0.3 or n @ towards < 0.5 * np.linalg.norm(towards):
            continue
        code = bilinear(packed, weights @ maps.uv[corners])
        slopes = (code[2:] - 128) / 254
        bent = n - tilt(mesh.vertices[corners], maps.uv[corners].astype(float), slopes)
        bent /= np.linalg.norm(bent)
        expected = code[0] / 128 * max(bent @ to, 0.0) / (n @ to)
        checked[:, i, j] = mapped.radiance[i, j] / plain.radiance[i, j], expected
        np.testing.assert_allclose(*checked[:, i, j], atol=0.01)
        seen += 1
        relief.append(expected)
    assert seen > 150
    assert np.std(relief) > 0.02  # there is something to see
