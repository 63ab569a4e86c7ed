"""Which keypoints REFA's range of motion is taken over: a few a region, for its norm grows with their number.

REFA publishes neither its keypoints nor its expressions. Over all peak expressions, these few give values of the
size of figure 1 at the distances that a headset has room for; the root mean square beside it, per keypoint, is always
over all keypoints of the region. Lower lip and lip corners, which follow the jaw, would be most of the mouth's norm.
"""

from __future__ import annotations

from collections.abc import Mapping

from faces.mesh import Topology

KEY, ALL = "key", "all"
KEYPOINT_SETS = (KEY, ALL)

KEY_POINTS: Mapping[str, tuple[str, ...]] = {
    "eye_left": ("brow_3_left", "eye_lid_upper_3_left"),
    "eye_right": ("brow_3_right", "eye_lid_upper_3_right"),
    "glabella": ("brow_1_left", "glabella_middle", "glabella_low", "brow_1_right"),
    "mouth": ("lip_upper_outer_1_left", "lip_upper_outer_1_right"),
}
"""Middle of the brow and of the upper lid; inner ends of the brows and the skin between them; the two peaks of the
upper lip. Regions that are not listed use all their keypoints."""


def scored_keypoints(topology: Topology, region: str, chosen: str = KEY) -> tuple[int, ...]:
    """Indices of the keypoints that `range_of_motion` takes for a region.

    A head model that lacks any of the key points (they are the built-in head's) scores the region by all it has.
    """
    every = tuple(topology.region_keypoints.get(region, ()))
    names = KEY_POINTS.get(region, ())
    if chosen == ALL or not names or not set(names) <= set(topology.keypoint_names):
        return every
    return tuple(topology.keypoint_names.index(name) for name in names)
