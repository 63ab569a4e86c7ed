"""Head and shell as one triangle soup on the device: what is fixed per model, and what moves with each frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import warp as wp
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.hair.paint import tinted_albedo
from faces.mesh import HeadMesh, Topology
from headsets.housing import Housing
from sim.errors import SimError
from sim.housing import eye_distance, face_points, housing_around, housing_normals, pressed_skin
from sim.render.clusters import cluster
from sim.render.frame import SHELL
from sim.render.materials import material_table
from sim.render.net import NODE_AREA, SAMPLE_AREA, build_net
from sim.render.patches import build_patches
from sim.render.raster import measure_clusters
from sim.render.rays import PADDING
from sim.render.settings import RenderSettings
from sim.render.skin import SkinTextures
from sim.render.standing import Standing
from sim.render.structs import Maps, Pose, Solid, Vertex
from sim.render.surface_net import SurfaceNet


@dataclass(frozen=True, eq=False)
class Fixed:
    """Device arrays of one topology with one shell; head triangles come first, shell vertices last.

    Triangles are numbered anew, cluster by cluster; `order` leads back.

    Attributes:
        head_triangles: how many belong to the head.
        order: (T,) int32, each triangle's index in the topology; -2 for the shell's.
        clusters: how many there are: those of head and facial interface, of the barrels, and of the shell.
        moving_clusters, barrel_clusters: where the first and the second of these end.
        starts: (C + 1,) each cluster's first triangle.
        thin_clusters: the first one with thin triangles, and the one after the last.
        solid: see `Solid`.
        vertices: how many there are in all.
        triangles: (T,) vec3i, those of `solid`.
        neighbours: (T,) vec3i, the triangle across the edge opposite each corner; -1 at a border.
        thin: (N,) int32, indices of thin triangles.
        materials: (T,) int32 into `table`.
        table: (M,) vec4, see `sim.render.materials`.
        regions: (T,) int32, region label; -2 for the shell.
        housing: of the headset, or None.
        still_normals: (N, 3) of the housing's vertices but those of the facial interface.
        skin: (N,) some vertices of the face, which the facial interface finds.
        welds: (V,) of the head's vertices, see `faces.mesh.Topology`.
        net: see `sim.render.net`; the housing's vertices are its last nodes.
    """

    head_triangles: int
    order: wp.array
    clusters: int
    moving_clusters: int
    barrel_clusters: int
    starts: NDArray[np.int32]
    thin_clusters: tuple[int, int]
    solid: Solid
    vertices: int
    triangles: wp.array
    neighbours: wp.array
    thin: wp.array
    materials: wp.array
    table: wp.array
    regions: wp.array
    housing: Housing | None
    still_normals: NDArray[np.float64]
    skin: NDArray[np.intp]
    welds: NDArray[np.integer]
    net: SurfaceNet
    standing: Standing = field(default_factory=Standing)


@dataclass(frozen=True, eq=False)
class Moving:
    """Device arrays of one posed head in the device frame.

    Attributes:
        vertices: (V,) `Vertex`.
        pose: see `Pose`.
        maps: the wearer's skin maps; of width 0 where there are none.
        tissue_albedo: median diffuse albedo of what light diffuses in, at `faces.mesh.ALBEDO_NM`.
        barrel_m: how far from the middle the lens barrels stand.
    """

    vertices: wp.array
    pose: Pose
    maps: Maps
    tissue_albedo: tuple[float, float]
    barrel_m: float


def edge_neighbours(triangles: NDArray[np.int32]) -> NDArray[np.int32]:
    """(T, 3): the triangle across the edge from corner k + 1 to corner k + 2; -1 where there is none or several."""
    t = np.asarray(triangles, dtype=np.int64)
    start, end = np.roll(t, -1, axis=1).ravel(), np.roll(t, -2, axis=1).ravel()
    low, high = np.minimum(start, end), np.maximum(start, end)
    code = low * (t.max(initial=0) + 1) + high
    order = np.argsort(code, kind="stable")
    ordered = code[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(code) else np.zeros(0, dtype=bool)
    group = np.cumsum(first) - 1
    pairs = np.flatnonzero(first & (np.bincount(group, minlength=len(group))[group] == 2))
    out = np.full(t.size, -1, dtype=np.int32)
    out[order[pairs]] = order[pairs + 1] // 3
    out[order[pairs + 1]] = order[pairs] // 3
    return out.reshape(-1, 3)


def _still_normals(housing: Housing | None) -> NDArray[np.float64]:
    if housing is None:
        return np.zeros((0, 3))
    vertices = housing.vertices(0.0, np.zeros((1, 3)))
    return housing_normals(vertices, housing.triangles)[: len(vertices) - 2 * len(housing.edge)]


def upload_fixed(topology: Topology, housing: Housing | None, settings: RenderSettings, device: wp.Device) -> Fixed:
    """Upload what depends on the head model and the headset alone."""
    table, two_sided = material_table(topology.material_names, settings.scattering, settings.node_light)
    heads = len(topology.triangles)
    triangles = np.asarray(topology.triangles, dtype=np.int32)
    neighbours = edge_neighbours(triangles)
    materials = np.asarray(topology.material_ids, dtype=np.int32)
    sides = two_sided[materials]
    regions = np.asarray(topology.region_ids, dtype=np.int32)
    n_vertices = len(topology.uv)
    extra_vertices = 0
    keys = materials
    if housing is not None:
        extra, extra_vertices = housing.triangles, len(housing.reflectance)
        near = edge_neighbours(extra)
        triangles = np.concatenate([triangles, extra + n_vertices])
        neighbours = np.concatenate([neighbours, np.where(near >= 0, near + heads, -1).astype(np.int32)])
        materials = np.concatenate([materials, np.full(len(extra), len(table), dtype=np.int32)])
        sides = np.concatenate([sides, np.ones(len(extra), dtype=np.uint8)])
        keys = np.concatenate([materials[:heads], len(table) + housing.motion()])
        regions = np.concatenate([regions, np.full(len(extra), SHELL, dtype=np.int32)])
    table = np.concatenate([table, np.array([[0.0, 1.0, 1.0, 0.0]], dtype=np.float32)])  # the shell is diffuse
    index = np.arange(len(triangles), dtype=np.int32)
    # One material a cluster, skin first: what it hides, mouth and eyes, is then found hidden. What stands still
    # comes last.
    groups = cluster(triangles, neighbours, keys)
    moving, barrels = (int(np.searchsorted(groups.starts, (keys < len(table) + part).sum())) for part in (0, 1))
    order = groups.order
    places = np.empty(len(order) + 1, dtype=np.int32)
    places[order], places[-1] = index, -1
    sides = sides[order]
    held = np.searchsorted(groups.starts, np.flatnonzero(sides >= 2), side="right") - 1
    net = build_net(topology, extra_vertices, NODE_AREA if settings.node_light else SAMPLE_AREA)
    solid = Solid()
    solid.triangles = wp.array(triangles[order], dtype=wp.vec3i, device=device)
    solid.corners = wp.array(groups.corners, dtype=wp.vec3i, device=device)
    solid.two_sided = wp.array(sides, dtype=wp.uint8, device=device)
    solid.starts = wp.array(groups.starts, dtype=int, device=device)
    solid.vertex_starts = wp.array(groups.vertex_starts, dtype=int, device=device)
    solid.cluster_vertices = wp.array(groups.vertices, dtype=int, device=device)
    return Fixed(
        heads,
        wp.array(np.where(order < heads, order, SHELL).astype(np.int32), dtype=int, device=device),
        len(groups.starts) - 1,
        moving,
        barrels,
        groups.starts,
        (int(held.min(initial=len(groups.starts))), int(held.max(initial=-1)) + 1),
        solid,
        n_vertices + extra_vertices,
        solid.triangles,
        wp.array(places[neighbours[order]], dtype=wp.vec3i, device=device),
        wp.array(np.flatnonzero(sides >= 2).astype(np.int32), dtype=int, device=device),
        wp.array(materials[order], dtype=int, device=device),
        wp.array(table, dtype=wp.vec4, device=device),
        wp.array(regions[order], dtype=int, device=device),
        housing,
        _still_normals(housing),
        face_points(topology.head),
        topology.weld_map(),
        SurfaceNet(net, build_patches(topology, housing, net), device),
    )


def upload_moving(
    fixed: Fixed,
    mesh: HeadMesh,
    T_device_head: RigidTransform | None,
    skin: SkinTextures,
    device: wp.Device,
    strands: bool = True,
) -> Moving:
    """Pose the head in the device frame and upload it, with its skin maps.

    Hair is painted on wholly unless its strands will be drawn.

    Raises:
        SimError: a batch of heads, or coordinates that are not finite.
    """
    if mesh.vertices.ndim != 2:
        raise SimError(f"`mesh.vertices` must be (V, 3), one head at a time, got shape {mesh.vertices.shape}")
    vertices, normals = mesh.vertices, mesh.normals
    if T_device_head is not None and not isinstance(T_device_head, RigidTransform):
        kind = type(T_device_head).__name__
        raise SimError(
            f"`T_device_head` must be a scipy RigidTransform (`RigidTransform.from_matrix` makes one), got {kind}"
        )
    if T_device_head is not None:
        rotation = T_device_head.rotation.as_matrix()
        vertices = vertices @ rotation.T + T_device_head.translation
        normals = normals @ rotation.T
    if not np.isfinite(vertices).all():
        raise SimError("`mesh.vertices` and `T_device_head` must be finite, got NaN or infinity")
    maps, uv = skin.upload(mesh)
    packed = np.zeros((fixed.vertices, len(Vertex())), dtype=np.float32)
    head = packed[: len(vertices)]
    albedo = tinted_albedo(mesh, strands)
    head[:, :3], head[:, 3:6], head[:, 6:8], head[:, 10:] = vertices, normals, albedo.T, uv
    barrel_m = 0.0
    if fixed.housing is not None:
        barrel_m = fixed.housing.barrel_m(eye_distance(mesh.T_head_eye))
        around = housing_around(fixed.housing, mesh.T_head_eye, vertices[fixed.skin])
        tissue = fixed.net.host.nodes[: fixed.net.tissue]
        contacts = fixed.housing.contacts(around)
        foam = fixed.housing.interface
        head[:, :3], head[:, 3:6] = pressed_skin(head[:, :3], head[:, 3:6], tissue, fixed.welds, contacts, foam)
        shell = packed[len(vertices) :]
        still = len(fixed.still_normals)
        moving = fixed.housing.triangles[fixed.housing.motion() == 0] - still
        shell[:, :3], shell[:still, 3:6] = around, fixed.still_normals
        shell[still:, 3:6] = housing_normals(around[still:], moving)
        shell[:, 6:8] = fixed.housing.reflectance[:, None]
    pose = Pose()
    pose.positions = wp.array(np.ascontiguousarray(packed[:, :3]), dtype=wp.vec3, device=device)
    pose.planes = wp.empty((4, fixed.triangles.shape[0] + PADDING), dtype=float, device=device)
    pose.spheres = wp.empty(fixed.clusters, dtype=wp.vec4, device=device)
    pose.edges = wp.empty(fixed.clusters, dtype=float, device=device)
    wp.launch(measure_clusters, dim=fixed.clusters, inputs=[fixed.solid, pose], device=device)
    net = fixed.net.host
    some = mesh.albedo[:, net.nodes[: net.tissue : 16]]  # one in sixteen tells the median
    albedo = np.median(some, axis=1) if net.tissue else np.full(2, 0.5)
    vertex_array = wp.array(packed, dtype=Vertex, device=device)
    return Moving(vertex_array, pose, maps, (float(albedo[0]), float(albedo[1])), barrel_m)
