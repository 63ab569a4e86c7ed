"""The scores once more, slowly: one point, one triangle, one keypoint at a time, in double precision."""

from __future__ import annotations

import numpy as np

START_OFFSET_M = 2e-5


def crosses(start, end, triangles):
    """Whether a segment crosses any triangle (T, 3, 3): Möller and Trumbore, 1997."""
    step = end - start
    a, edge1, edge2 = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    p = np.cross(step, edge2)
    det = (edge1 * p).sum(-1)
    with np.errstate(all="ignore"):
        u = ((start - a) * p).sum(-1) / det
        q = np.cross(start - a, edge1)
        v = (q @ step) / det
        t = (edge2 * q).sum(-1) / det
        return bool(((det != 0) & (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & (t < 1)).any())


def triangle(vertices, corners):
    """Unit normal and area."""
    a, b, c = vertices[corners]
    cross = np.cross(b - a, c - a)
    return cross / np.linalg.norm(cross), np.linalg.norm(cross) / 2


def visibility(vertices, triangles, axis_head):
    """REFA eq. 1, points weighted by area."""
    total, area_sum = 0.0, 0.0
    for corners in triangles:
        normal, area = triangle(vertices, corners)
        total += area * -(normal @ axis_head)
        area_sum += area
    return total / area_sum


def look(camera, T_device_head, point):
    """(pixel or None, camera centre and axis in the head frame) of a head-frame point."""
    T_head_camera = T_device_head.inv() * camera.T_device_camera
    pixel, valid = camera.lens.project(T_head_camera.inv().apply(point))
    inside = valid and -0.5 <= pixel[0] < camera.width_px - 0.5 and -0.5 <= pixel[1] < camera.height_px - 0.5
    axis = T_head_camera.apply([0, 0, 1]) - T_head_camera.translation
    return (pixel if inside else None), T_head_camera.translation, axis


def resolution(camera, T_device_head, point, normal):
    """sqrt|det J| in px/mm from central differences along two tangents."""
    t1 = np.cross(normal, [0.3, 0.5, 0.8])
    t1 /= np.linalg.norm(t1)
    t2 = np.cross(normal, t1)
    h = 1e-6
    T_camera_head = camera.T_device_camera.inv() * T_device_head
    J = [
        (
            camera.lens.project(T_camera_head.apply(point + h * t))[0]
            - camera.lens.project(T_camera_head.apply(point - h * t))[0]
        )
        / (2 * h)
        for t in (t1, t2)
    ]
    return np.sqrt(abs(np.linalg.det(J))) * 1e-3


def near(vertices, points, places, reach):
    """Which surface points lie within a distance of any of some places (C, 3)."""
    at = [
        barycentric @ vertices[corners] for corners, barycentric in zip(points.corners, points.barycentric, strict=True)
    ]
    return [any(np.linalg.norm(point - place) < reach for place in places) for point in at]


def seen(camera, T_device_head, vertices, points, occluders_head, occluders_device, under):
    """Which surface points a camera sees."""
    found = []
    for k, (corners, barycentric) in enumerate(zip(points.corners, points.barycentric, strict=True)):
        normal, _ = triangle(vertices, corners)
        point = barycentric @ vertices[corners]
        pixel, centre, _ = look(camera, T_device_head, point)
        start = point + START_OFFSET_M * normal
        found.append(
            not under[k]
            and pixel is not None
            and normal @ (centre - point) > 0
            and not any(crosses(start, centre, mesh) for mesh in occluders_head)
            and not any(
                crosses(T_device_head.apply(start), T_device_head.apply(centre), mesh) for mesh in occluders_device
            )
        )
    return found


def areas(vertices, points):
    """That each surface point stands for."""
    each = zip(points.corners, points.share, strict=True)
    return [triangle(vertices, corners)[1] * share for corners, share in each]


def sight(camera, T_device_head, vertices, points, *hidden_by):
    """visibility_seen, visible_fraction and resolution of surface points, weighted by the area they stand for."""
    seen_cosine = seen_area = all_area = weighted_resolution = 0.0
    which = seen(camera, T_device_head, vertices, points, *hidden_by)
    for k, area in enumerate(areas(vertices, points)):
        all_area += area
        if not which[k]:
            continue
        normal, _ = triangle(vertices, points.corners[k])
        point = points.barycentric[k] @ vertices[points.corners[k]]
        _, _, axis = look(camera, T_device_head, point)
        seen_area += area
        seen_cosine += area * max(-(normal @ axis), 0.0)
        weighted_resolution += area * resolution(camera, T_device_head, point, normal)
    mean_resolution = weighted_resolution / seen_area if seen_area else np.nan
    return {
        "visibility_seen": seen_cosine / all_area,
        "visible_fraction": seen_area / all_area,
        "resolution_px_per_mm": mean_resolution,
    }


def range_of_motion(camera, T_device_head, neutral, expressions):
    """REFA eq. 2 in one donning: keypoints (K, 3) of the neutral face and of each expression."""
    norms = []
    for posed in expressions:
        total = 0.0
        for before, after in zip(neutral, posed, strict=True):
            T_camera_head = camera.T_device_camera.inv() * T_device_head
            p, p_valid = camera.lens.project(T_camera_head.apply(before))
            q, q_valid = camera.lens.project(T_camera_head.apply(after))
            if p_valid and q_valid:
                total += ((q - p) ** 2).sum()
        norms.append(np.sqrt(total))
    return np.mean(norms)
