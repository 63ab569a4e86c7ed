"""The vocabulary of face regions that every head model shares (after REFA, figure 1)."""

from __future__ import annotations

REGION_LABELS: tuple[str, ...] = (
    "none",
    *("forehead", "glabella", "brow_left", "brow_right", "lids_left", "lids_right", "orbit_left", "orbit_right"),
    *("nose", "cheek_left", "cheek_right", "lip_upper", "lip_lower", "perioral", "chin", "jaw"),
    *("eyeball_left", "eyeball_right", "lashes", "teeth", "gums", "tongue", "mouth_interior"),
    "glasses",
)
"""A partition of the surface; label 0 is scalp, ears and neck. Glasses are those of wearers who have some."""

REGIONS: dict[str, tuple[str, ...]] = {
    "eye_left": ("brow_left", "lids_left", "orbit_left"),
    "eye_right": ("brow_right", "lids_right", "orbit_right"),
    "glabella": ("glabella",),
    "mouth": ("lip_upper", "lip_lower", "perioral"),
    "lips": ("lip_upper", "lip_lower"),
    "nose": ("nose",),
    "cheeks": ("cheek_left", "cheek_right"),
    "chin": ("chin",),
    "forehead": ("forehead",),
}
"""Scored regions: skin only, no eyeball, lash, tooth or tongue."""
