"""Head and shell as Mitsuba shapes in the device frame.

A colour channel is a wavelength: the LEDs' wavelengths, three at most, take one each, with the albedo that the mesh has
there. What one wavelength brings never mixes with another; an image is the sum of the channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.hair.paint import tinted_albedo
from faces.materials import MATERIALS
from faces.mesh import HeadMesh
from faces.skin.atlas import MAPPED
from headsets.headset import Led
from headsets.housing import Housing
from sim.errors import SimError
from sim.housing import face_points, housing_around, housing_normals, pressed_skin
from sim.reference.materials import diffuse_scale, surface
from sim.reference.settings import ReferenceSettings
from sim.reference.skin import skin_textures
from sim.reference.variant import load_mitsuba
from sim.render.materials import material_table
from sim.render.net import soft_triangles

CHANNELS = 3


def wavelengths_nm(leds: list[Led]) -> list[float]:
    """Wavelengths of the LEDs, each once.

    Raises:
        SimError: there are more than three.
    """
    found = sorted({led.wavelength_nm for led in leds})
    if len(found) > CHANNELS:
        listed = ", ".join(f"{w:g}" for w in found)
        raise SimError(f"the reference renderer takes LEDs of {CHANNELS} wavelengths at most, got {listed} nm")
    return found


def head_parts(
    mesh: HeadMesh,
    pose: RigidTransform,
    wavelengths: list[float],
    settings: ReferenceSettings,
    left_out: set[str],
    housing: Housing | None = None,
) -> dict[str, Any]:
    """Mitsuba shapes by name, one for each material but those in `left_out`; the housing presses the skin."""
    material_table(mesh.topology.material_names)  # unknown names
    painted = replace(mesh, albedo=tinted_albedo(mesh, strands=settings.hair))
    albedo = np.stack([painted.albedo_at(w) for w in wavelengths], axis=-1)
    albedo = np.pad(albedo, ((0, 0), (0, CHANNELS - len(wavelengths))))
    vertices: NDArray[np.floating] = pose.apply(np.asarray(mesh.vertices, np.float64))
    normals: NDArray[np.floating] = pose.rotation.apply(np.asarray(mesh.normals, np.float64))
    if housing is not None:
        welds = mesh.topology.weld_map()
        tissue = np.unique(welds[mesh.triangles[soft_triangles(mesh.topology)]])
        contacts = housing.contacts(_around(housing, mesh, pose))
        vertices, normals = pressed_skin(vertices, normals, tissue, welds, contacts, housing.interface)
    skin = skin_textures(mesh, vertices) if settings.skin_maps else None
    parts = {}
    for index, name in enumerate(mesh.topology.material_names):
        triangles = mesh.triangles[mesh.material_ids == index]
        if name in left_out or not len(triangles):
            continue
        material, maps = MATERIALS[name], skin if name in MAPPED else None
        attributes = {"albedo": albedo * diffuse_scale(material, settings.specular, maps)}
        bsdf = load_mitsuba().load_dict(surface(material, settings.specular, maps))
        uv = None if maps is None else maps.uv
        parts[name] = shape(name, vertices, triangles, normals, bsdf, attributes, uv=uv)
    return parts


def housing_part(housing: Housing, mesh: HeadMesh, pose: RigidTransform) -> Any:
    """Shell, lens barrels and facial interface as one diffuse, two-sided shape, as the fast renderer has them."""
    vertices = _around(housing, mesh, pose)
    shade = np.repeat(housing.reflectance[:, None], CHANNELS, axis=1)
    grey = {"type": "diffuse", "reflectance": {"type": "mesh_attribute", "name": "vertex_albedo"}}
    bsdf = load_mitsuba().load_dict({"type": "twosided", "bsdf": grey})
    normals = housing_normals(vertices, housing.triangles)
    return shape("housing", vertices, housing.triangles, normals, bsdf, {"albedo": shade})


def _around(housing: Housing, mesh: HeadMesh, pose: RigidTransform) -> NDArray[np.float64]:
    """(V, 3) the housing's vertices about this wearer, device frame."""
    skin = pose.apply(np.asarray(mesh.vertices[face_points(mesh.topology.head)], np.float64))
    return housing_around(housing, mesh.T_head_eye, skin)


def shape(
    name: str,
    vertices: NDArray[np.floating],
    triangles: NDArray[Any],
    normals: NDArray[np.floating] | None,
    bsdf: Any,
    attributes: Mapping[str, NDArray[np.floating]] | None = None,
    emitter: Any = None,
    uv: NDArray[np.floating] | None = None,
) -> Any:
    """A Mitsuba mesh of the vertices that `triangles` (T, 3) use; without normals it is shaded flat.

    Args:
        attributes: three channels a vertex, (V, 3), by name without `vertex_`.
        uv: (V, 2) texture coordinates.
    """
    mi = load_mitsuba()
    used, indices = np.unique(triangles, return_inverse=True)
    props = mi.Properties()
    props["bsdf"] = bsdf
    if emitter is not None:
        props["emitter"] = emitter
    if normals is None:
        props["face_normals"] = True
    mesh = mi.Mesh(
        name,
        len(used),
        len(triangles),
        props=props,
        has_vertex_normals=normals is not None,
        has_vertex_texcoords=uv is not None,
    )
    for key, values in (attributes or {}).items():
        mesh.add_attribute(f"vertex_{key}", CHANNELS, _flat(values[used]))
    values = mi.traverse(mesh)
    values["vertex_positions"] = _flat(vertices[used])
    if normals is not None:
        values["vertex_normals"] = _flat(normals[used])
    if uv is not None:
        values["vertex_texcoords"] = _flat(uv[used])
    values["faces"] = np.ascontiguousarray(indices.reshape(-1), np.uint32)
    values.update()
    return mesh


def _flat(values: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, np.float32).ravel()
