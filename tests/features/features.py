"""Every feature of the picture, how it is switched off, and the tests that must then fail.

`make features-off` runs them so (`switch_off.py`); `test_features.py` holds the table complete.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.features.switches import Off, afterwards, both, setting, value, with_changes, wrapped

RENDER, IMAGE = "sim.render.settings.RenderSettings", "sim.sensor.settings.ImageSettings"
EYES = "tests/render/test_render_eyes.py"
PANES = "tests/render/test_render_panes.py"
COVER = "tests/render/test_render_cover_glass.py"
PASSAGES = "tests/render/test_render_passages.py"
CAPTURE = "tests/sensor/test_capture.py"
LENS = "tests/sensor/test_shipped_lens.py"
GHOSTS = "tests/render/test_shipped_ghosts.py"
MITSUBA = "tests/render/test_render_mitsuba.py::test_direct_light_agrees_with_mitsuba"


@dataclass(frozen=True)
class Feature:
    """One feature.

    Attributes:
        switch_off: acts before tests are imported.
        tests: node ids, less parameters; each must fail while it is off.
    """

    switch_off: Off
    tests: tuple[str, ...]


def render(name: str, *tests: str) -> Feature:
    """A switch of `RenderSettings`."""
    return Feature(setting(RENDER, name), tests)


def image(name: str, *tests: str) -> Feature:
    """A switch of `ImageSettings`."""
    return Feature(setting(IMAGE, name), tests)


class Even:
    """An LED that shines alike in all directions."""

    def relative(self, theta_rad: Any) -> Any:
        return np.ones_like(np.asarray(theta_rad, dtype=float))


def without_profiles(pack: Any) -> Any:
    return lambda leds: pack([replace(led, profile=Even()) for led in leds])


def texels(**channels: Any) -> Any:
    """For `sim.render.skin.compose`: some channels of the skin maps neutral."""
    places = {"gain": (0, 128), "sheen": (1, 159), "slopes": (slice(2, 4), 128)}

    def make(compose: Any) -> Any:
        def composed(maps: Any, weights: Any) -> Any:
            packed = compose(maps, weights).copy()
            for name in channels:
                where, neutral = places[name]
                packed[..., where] = neutral
            return packed

        return composed

    return make


def without_wrinkles(compose: Any) -> Any:
    return lambda maps, weights: compose(maps, np.zeros_like(weights))


def without_shot_noise(expose: Any) -> Any:
    """Read noise alone, by numpy."""

    def exposed(self: Any, mean: Any, rng: Any, time: Any = None, gain: float = 1.0, *rest: Any) -> Any:
        glare, noise = (*rest, 0.0, True)[:2] if len(rest) < 2 else rest
        dn = expose(self, mean, rng, time, gain, glare, False).astype(float)
        read = self.sensor.read_noise_e * gain * self.sensor.gain * rng.standard_normal(dn.shape) if noise else 0.0
        return np.clip(np.rint(dn + read), 0, self.sensor.white_dn).astype(np.uint16)

    return exposed


def without_sun(lamps: Any) -> Any:
    return lambda self, nm: tuple(lamp for lamp in lamps(self, nm) if lamp.name != "sun")


def drive(**changes: Any) -> Off:
    """`sim.drive._led` with an LED or a drive of which something is changed."""
    of_led = {name: new for name, new in changes.items() if name != "bins"}
    of_drive = {name: new for name, new in changes.items() if name == "bins"}
    return wrapped("sim.drive:_led", lambda f: lambda led, state: f(replace(led, **of_led), replace(state, **of_drive)))


def no_response(**changes: Any) -> Off:
    """`led_response` for optics or a spectrum of which something is changed."""

    def make(response: Any) -> Any:
        def changed(sensor: Any, optics: Any, nm: float, fwhm_nm: float = 0.0) -> Any:
            optics = replace(optics, band_pass_nm=changes.get("band_pass_nm", optics.band_pass_nm))
            return response(sensor, optics, nm, changes.get("fwhm_nm", fwhm_nm))

        return changed

    return wrapped("sim.sensor.lights:led_response", make)


def eye(**numbers: float) -> Off:
    """Numbers of `sim.render.eyes.Eyes`."""

    def act(_: None, self: Any, eyes: Any, look: Any) -> None:
        for name, number in numbers.items():
            setattr(eyes, name, number)

    return wrapped("sim.render.eye_pass:EyePass._set_look", afterwards(act))


def chip(**numbers: float) -> Off:
    """Numbers of `sim.sensor.noise.Chip`."""

    def act(result: Any, *_: Any) -> None:
        for name, number in numbers.items():
            setattr(result, name, number)

    return wrapped("sim.sensor.chain:SensorChain._chip", afterwards(act))


def without_veil(prepare: Any) -> Any:
    def bare(self: Any, strands: Any, T: Any, leds: Any, *rest: Any) -> None:
        prepare(self, strands, T, leds, *rest)
        leds.hairs = 0

    return bare


def without_pane_spots(add: Any) -> Any:
    return lambda self, kind, *rest: add(self, kind, *rest) if kind else None


FEATURES: dict[str, Feature] = {
    # Switches of the renderer.
    "shadows": render("shadows", MITSUBA),
    "specular": render("specular", "tests/reference/test_reference_scene.py::test_highlights_on_a_head"),
    "scattering": render(
        "scattering",
        "tests/render/test_render_scattering.py::test_the_profile_is_the_dipoles_from_2_to_10_mm",
        "tests/render/test_render_scattering.py::test_light_is_kept_on_a_head",
    ),
    "bounce": render(
        "bounce", "tests/reference/test_reference_bounce.py::test_one_bounce_brings_most_of_what_paths_bring"
    ),
    "skin_maps": render("skin_maps", "tests/render/test_render_skin.py::test_albedo_and_relief_are_the_maps"),
    "node_light": render(
        "node_light",
        "tests/render/test_render_scattering.py::test_light_at_nodes_is_the_light_at_pixels_but_for_sharp_edges",
    ),
    "sparse": render("sparse", "tests/render/test_render_sparse.py::test_averaged_light_is_that_of_every_pixel"),
    "antialias": render(
        "antialias",
        "tests/render/test_render_antialias.py::test_silhouettes_come_close_to_supersampling",
        "tests/render/test_shipped_antialias.py::test_outlines_of_a_face_are_the_mean_over_each_pixel",
    ),
    "eyes": render("eyes", f"{EYES}::test_pupil_edge_is_where_the_trace_has_it"),
    "shell": render("shell", "tests/reference/test_reference_scene.py::test_direct_diffuse_light_on_a_head"),
    "hair": render("hair", "tests/render/test_render_hair.py::test_brows_are_strands_in_a_shipped_headset"),
    "panes": render("panes", f"{PANES}::test_panes_dim_what_is_behind_them_by_fresnel_at_both_surfaces"),
    "ghosts": render(
        "ghosts",
        f"{PANES}::test_viewing_lenses_show_leds_and_can_be_switched_off",
        f"{GHOSTS}::test_leds_show_in_viewing_lenses_where_and_as_bright_as_traced",
        f"{GHOSTS}::test_an_led_shows_in_both_surfaces_of_a_cover_glass_on_a_headset",
    ),
    # Switches of the image chain.
    "illumination": image(
        "illumination",
        f"{CAPTURE}::test_glare_illumination_and_vignetting_act_on_the_image",
        f"{LENS}::test_the_image_darkens_by_the_lens_formula",
        f"{LENS}::test_electrons_of_a_face_are_lamberts_sum_over_the_leds",
    ),
    "vignetting": image(
        "vignetting",
        f"{CAPTURE}::test_glare_illumination_and_vignetting_act_on_the_image",
        f"{LENS}::test_an_opening_before_the_lens_cuts_the_pupil_of_oblique_light",
    ),
    "defocus": image(
        "defocus",
        f"{CAPTURE}::test_blur_keeps_the_light_and_softens_edges",
        "tests/sensor/test_shipped_defocus.py::test_blur_by_depth_is_that_of_an_aperture",
    ),
    "point_spread": image(
        "point_spread",
        f"{CAPTURE}::test_blur_keeps_the_light_and_softens_edges",
        f"{LENS}::test_the_point_spread_is_a_gaussian_of_the_files_width",
    ),
    "glare": image(
        "glare",
        f"{CAPTURE}::test_glare_illumination_and_vignetting_act_on_the_image",
        f"{LENS}::test_glare_spreads_the_files_share_evenly",
    ),
    "fixed_pattern": image("fixed_pattern", f"{CAPTURE}::test_photon_transfer_on_rendered_flat_fields"),
    "noise": image("noise", f"{CAPTURE}::test_photon_transfer_on_rendered_flat_fields"),
    # LEDs.
    "led profile": Feature(wrapped("sim.render.lighting:pack_leds", without_profiles), (MITSUBA,)),
    "bin spread": Feature(drive(bins={}), ("tests/sensor/test_driven.py::test_bins_and_warmth_show_in_the_image",)),
    "droop": Feature(drive(droop_per_k=0.0), ("tests/sensor/test_driven.py::test_bins_and_warmth_show_in_the_image",)),
    "shift with warmth": Feature(
        drive(shift_nm_per_k=0.0), ("tests/sensor/test_driven.py::test_bins_and_warmth_show_in_the_image",)
    ),
    "spectral width": Feature(no_response(fwhm_nm=0.0), (f"{CAPTURE}::test_electrons_follow_from_radiance_by_hand",)),
    "band-pass filter": Feature(
        no_response(band_pass_nm=None), (f"{CAPTURE}::test_electrons_follow_from_radiance_by_hand",)
    ),
    # Eyes.
    "refraction": Feature(
        both(*(value(f"sim.render.eye_optics:{name}", 1.0) for name in ("_INDEX_850", "_INDEX_940", "AQUEOUS"))),
        (f"{EYES}::test_pupil_edge_is_where_the_trace_has_it",),
    ),
    "glints": Feature(
        value("sim.render.eye_pass:CORNEAL", 0), (f"{EYES}::test_glints_are_where_the_trace_has_them_and_as_bright",)
    ),
    "tear meniscus": Feature(
        value("sim.render.eye_pass:lid_keypoints", lambda topology: None),
        (
            f"{EYES}::test_a_tear_meniscus_shines_along_the_lower_lid",
            "tests/render/test_shipped_meniscus.py::test_a_dash_shines_at_the_upper_lid_where_and_as_bright_as_traced",
        ),
    ),
    "bright pupil": Feature(
        eye(bright=0.0),
        (
            f"{EYES}::test_a_pupil_shines_back_at_an_led_beside_the_camera",
            "tests/render/test_shipped_pupil.py::test_a_pupil_shines_back_at_an_led_beside_a_shipped_camera",
        ),
    ),
    "limbus": Feature(
        eye(limbus=1e-7), ("tests/render/test_render_limbus.py::test_the_limbus_is_as_wide_as_it_should_be",)
    ),
    # Skin and hair.
    "skin albedo map": Feature(
        wrapped("sim.render.skin:compose", texels(gain=0)),
        ("tests/render/test_render_skin.py::test_albedo_and_relief_are_the_maps",),
    ),
    "skin relief": Feature(
        wrapped("sim.render.skin:compose", texels(slopes=0)),
        ("tests/render/test_render_skin.py::test_albedo_and_relief_are_the_maps",),
    ),
    "skin sheen": Feature(
        wrapped("sim.render.skin:compose", texels(sheen=0)),
        ("tests/render/test_render_sheen.py::test_highlights_follow_the_sheen_of_the_maps",),
    ),
    "wrinkles": Feature(
        wrapped("sim.render.skin:compose", without_wrinkles),
        ("tests/render/test_render_skin.py::test_albedo_and_relief_are_the_maps",),
    ),
    "wet lips": Feature(
        wrapped(
            "faces.skin.maps:make_surface",
            lambda make: lambda atlas, *rest: make(replace(atlas, wet=0 * atlas.wet), *rest),
        ),
        (
            "tests/faces/test_skin_maps.py::test_sheen_of_nose_and_lips",
            "tests/render/test_render_sheen.py::test_lips_shine_where_wet",
        ),
    ),
    "pressed skin": Feature(
        wrapped("sim.housing:press", lambda press: lambda skin, normals, at, foam: press(skin, normals, at[:0], foam)),
        ("tests/render/test_render_pressed.py::test_the_interface_presses_the_skin_in",),
    ),
    "openness": Feature(
        value("sim.render.surface_light:measure_openness", lambda topology, device: np.ones(len(topology.uv), "f4")),
        ("tests/reference/test_reference_openness.py::test_little_of_the_housings_light_gets_into_hollows",),
    ),
    "hair's shade": Feature(
        wrapped("sim.render.hair:HairPass.prepare", without_veil),
        (
            "tests/render/test_render_hair.py::test_a_lawn_shadows_by_its_optical_depth",
            "tests/render/test_render_hair.py::test_hair_shades_the_eyes",
            "tests/render/test_shipped_hair_shade.py::test_a_beard_takes_the_light_that_its_strands_cover",
        ),
    ),
    # Glasses.
    "pane reflections": Feature(
        wrapped("sim.render.mirror_pass:MirrorPass._add_spots", without_pane_spots),
        (f"{PANES}::test_reflections_on_a_shipped_headset_carry_the_flux_of_traced_pencils",),
    ),
    "pane transmission": Feature(
        value("sim.render.mirror_pass:transmission", lambda cosine, *_: np.ones_like(cosine)),
        (f"{PANES}::test_panes_dim_what_is_behind_them_by_fresnel_at_both_surfaces",),
    ),
    "light through panes": Feature(
        value("sim.render.passages:transmission", lambda cosine, *_: np.ones_like(cosine)),
        (
            f"{PASSAGES}::test_light_on_the_face_loses_what_panes_before_it_take",
            f"{PASSAGES}::test_eyes_behind_panes_are_lit_as_dimly",
        ),
    ),
    "cover glasses": Feature(
        value("sim.render.panes:cover_mirrors", lambda glasses: []),
        (
            f"{COVER}::test_an_led_shows_in_both_surfaces_where_and_as_bright_as_a_plate_has_it",
            f"{COVER}::test_what_is_seen_and_lit_through_a_glass_loses_both_surfaces_at_its_angle",
            f"{GHOSTS}::test_an_led_shows_in_both_surfaces_of_a_cover_glass_on_a_headset",
        ),
    ),
    # Camera and sensor.
    "lens transmission": Feature(
        wrapped("sim.sensor.scene:irradiance_per_radiance", with_changes(transmission=1.0)),
        (f"{CAPTURE}::test_electrons_follow_from_radiance_by_hand",),
    ),
    "motion blur": Feature(
        value("sim.sensor.recorder:average_frames", lambda steps, labels: labels),
        (f"{CAPTURE}::test_motion_blur_is_the_mean_of_the_moments",),
    ),
    "PRNU": Feature(
        wrapped("sim.sensor.running_camera:SensorChain", with_changes(prnu=0.0)),
        (f"{CAPTURE}::test_photon_transfer_on_rendered_flat_fields",),
    ),
    "DSNU": Feature(
        wrapped("sim.sensor.running_camera:SensorChain", with_changes(dsnu_e=0.0)),
        (f"{CAPTURE}::test_photon_transfer_on_rendered_flat_fields",),
    ),
    "read noise": Feature(chip(read=0.0), (f"{CAPTURE}::test_photon_transfer_on_rendered_flat_fields",)),
    "shot noise": Feature(
        wrapped("sim.sensor.chain:SensorChain.expose", without_shot_noise),
        (f"{CAPTURE}::test_photon_transfer_on_rendered_flat_fields",),
    ),
    "dark current": Feature(chip(dark=0.0), ("tests/sensor/test_limits.py::test_dark_current_and_full_well",)),
    "full well": Feature(chip(full_well=1e9), ("tests/sensor/test_limits.py::test_dark_current_and_full_well",)),
    "auto exposure": Feature(
        value("sim.sensor.running_camera:next_exposure", lambda now, *_, **__: now),
        (
            f"{CAPTURE}::test_automatic_exposure_settles_on_its_target_or_its_limit",
            f"{CAPTURE}::test_automatic_exposure_lags_from_frame_to_frame",
        ),
    ),
    # Light from outside.
    "ambient light": Feature(
        value("sim.sensor.recorder:Recorder.ambient_radiance", lambda *_: {}),
        (f"{CAPTURE}::test_ambient_light_falls_in_for_the_whole_exposure_and_leds_for_their_pulse",),
    ),
    "sun past the interface": Feature(
        wrapped("sim.render.ambient:Ambient.lamps", without_sun),
        ("tests/sensor/test_sun.py::test_the_sun_falls_in_where_nothing_stands_before_it",),
    ),
}
