"""From a valid file to a headset: references resolved, mirror twins made, mm and deg turned into m and rad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from scipy.spatial.transform import RigidTransform

from headsets.anatomy import inside_head
from headsets.consistency import check_glasses, check_spectra
from headsets.cover_glass import CoverGlass, build_cover_glass
from headsets.donning import DonningDistribution
from headsets.errors import HeadsetError
from headsets.glasses import Glasses
from headsets.headset import AutoExposure, Camera, Headset, Led, Opening, Optics, Sensor, Shell, Tolerance
from headsets.housing_spec import HousingSpec, Interface, ViewingLens
from headsets.keep_out import DisplayFrustum, KeepOut, LensBarrels, barrel_front_z, pupil_z
from headsets.mirror import mirrored_pose, swapped_side
from headsets.optics import build_lens, build_profile
from headsets.place import Place, display_path
from headsets.poses import from_matrix, from_quaternion, look_at
from headsets.schema.base import Part, Posed
from headsets.schema.explain import nearest
from headsets.schema.file import DonningPart, GlassesPart, HeadsetFile, ShellPart
from headsets.schema.lenses import LensPart
from headsets.schema.parts import CameraPart, EmitterPart, LedPart, SensorPart
from headsets.search import build_search
from headsets.shell import read_mesh

MM = 1e-3
SHIPPED = Path(__file__).parent / "specs"
P = TypeVar("P", bound=Part)


def build_headset(spec: HeadsetFile, source: Path | None = None) -> Headset:
    """The headset of a file.

    Args:
        spec: the file's contents; a changed copy (`spec.model_copy`) builds as well.
        source: where it was read from: mesh and IES files are found beside it, and errors name it.

    Raises:
        HeadsetError: a reference to nothing, a pose that is not rigid or inside the head, a lens that folds
            back inside the image, a mesh or profile that cannot be read; `UnfitPartsError`: parts that do not go
            together.
    """
    root = Place(display_path(source) if source is not None else f"headset {spec.name!r}")
    folder = source.parent if source is not None else None
    ipd = (spec.fit.ipd_mm[0] * MM, spec.fit.ipd_mm[1] * MM)
    for name, part in spec.lenses.items():
        build_lens(part, root / "lenses" / name)  # those that no camera uses are checked too
    for name, emitter in spec.emitters.items():
        build_profile(emitter, folder, root / "emitters" / name)
    _unique_names(spec, root)
    cameras: dict[str, Camera] = {}
    for name, camera in spec.cameras.items():
        built = _camera(name, camera, spec, root)
        cameras[name] = built
        if camera.mirror is not None:
            cameras[camera.mirror] = _camera_twin(built, camera.mirror)
    leds: dict[str, Led] = {}
    for name, led in spec.leds.items():
        lamp = _led(name, led, spec, folder, root)
        leds[name] = lamp
        if led.mirror is not None:
            leds[led.mirror] = _led_twin(lamp, led.mirror)
    glasses: dict[str, CoverGlass] = {}
    for name, glass in spec.cover_glasses.items():
        glasses[name] = build_cover_glass(name, glass, _pose(glass, root / "cover_glasses" / name))
        if glass.mirror is not None:
            glasses[glass.mirror] = glasses[name].twin(glass.mirror)
    check_glasses(glasses, cameras, leds, root)
    check_spectra(cameras, leds, spec, root)
    if spec.search is not None:
        build_search(spec, root / "search")  # checked with the file; whoever searches builds it again
    return Headset(
        name=spec.name,
        note=spec.note,
        cameras=MappingProxyType(cameras),
        leds=MappingProxyType(leds),
        shell=_shell(spec.shell, folder, root / "shell") if spec.shell is not None else None,
        donning=_donning(spec.fit.donning),
        keep_out=_keep_out(spec, ipd, root / "keep_out"),
        eye_relief_mm=spec.fit.eye_relief_mm,
        ipd_mm=(spec.fit.ipd_mm[0], spec.fit.ipd_mm[1]),
        source=source,
        spec=spec,
        housing=_housing(spec, root / "housing"),
        cover_glasses=MappingProxyType(glasses),
    )


def _camera(name: str, part: CameraPart, spec: HeadsetFile, root: Place) -> Camera:
    place = root / "cameras" / name
    lens, at = _resolve(part.lens, spec.lenses, place, "lens", "lenses", LensPart)
    sensor, _ = _resolve(part.sensor, spec.sensors, place, "sensor", "sensors", SensorPart)
    tolerance = part.tolerance
    return Camera(
        name=name,
        lens=build_lens(lens, at),
        optics=_optics(lens),
        sensor=_sensor(sensor),
        T_device_camera=_pose(part, place),
        sees=tuple(part.sees),
        tolerance=Tolerance(tolerance.position_mm * MM, float(np.deg2rad(tolerance.rotation_deg)))
        if tolerance is not None
        else None,
    )


def _optics(part: LensPart) -> Optics:
    opening = part.vignetting
    return Optics(
        part.f_number,
        part.focus_mm,
        part.transmission,
        _pair(part.band_pass_nm),
        part.psf_sigma_px,
        part.veiling_glare,
        None if opening is None else Opening(opening.opening_radius_mm, opening.opening_distance_mm),
    )


def _sensor(part: SensorPart) -> Sensor:
    automatic = part.auto_exposure
    changed = {
        "quantum_efficiency": MappingProxyType(part.quantum_efficiency),
        "auto_exposure": None if automatic is None else AutoExposure(**automatic.model_dump()),
    }
    return Sensor(**{**part.model_dump(), **changed})


def _led(name: str, part: LedPart, spec: HeadsetFile, folder: Path | None, root: Place) -> Led:
    place = root / "leds" / name
    emitter, at = _resolve(part.emitter, spec.emitters, place, "emitter", "emitters", EmitterPart)
    return Led(
        name=name,
        T_device_led=_pose(part, place),
        radiant_intensity_w_sr=emitter.radiant_intensity_mw_sr * 1e-3 * part.current,
        profile=build_profile(emitter, folder, at),
        wavelength_nm=emitter.wavelength_nm,
        fwhm_nm=emitter.fwhm_nm,
        source_m=emitter.source_mm * MM,
        pulse_us=emitter.pulse_us,
        rate_hz=emitter.rate_hz,
        bin_spread=emitter.bin_spread,
        droop_per_k=emitter.droop_per_k,
        shift_nm_per_k=emitter.shift_nm_per_k,
    )


def _camera_twin(c: Camera, name: str) -> Camera:
    return Camera(
        name=name,
        lens=c.lens.mirrored(),
        optics=c.optics,
        sensor=c.sensor,
        T_device_camera=mirrored_pose(c.T_device_camera),
        sees=tuple(swapped_side(region) for region in c.sees),
        mirror_of=c.name,
        tolerance=c.tolerance,
    )


def _led_twin(led: Led, name: str) -> Led:
    return replace(led, name=name, T_device_led=mirrored_pose(led.T_device_led), mirror_of=led.name)


def _pose(part: Posed, place: Place) -> RigidTransform:
    position = np.array(part.position_mm) * MM
    if part.mirror is not None and part.position_mm[0] == 0:
        raise (place / "position_mm").error("`position_mm[0] != 0` must hold (its mirror twin would be in it)", "0")
    if inside_head(position):
        raise (place / "position_mm").error("`position_mm` must lie outside the head", str(part.position_mm))
    if part.look_at_mm is not None:
        with (place / "look_at_mm").blame():
            return look_at(position, np.array(part.look_at_mm) * MM, float(np.deg2rad(part.roll_deg)))
    if part.quaternion_wxyz is not None:
        with (place / "quaternion_wxyz").blame():
            return from_quaternion(position, part.quaternion_wxyz)
    with (place / "rotation_matrix").blame():
        return from_matrix(position, part.rotation_matrix or [])


def _resolve(
    given: str | Part, table: Mapping[str, Part], place: Place, key: str, section: str, kind: type[P]
) -> tuple[P, Place]:
    """The part behind a name, or an inline one, and where it is defined."""
    at = place / key
    if isinstance(given, str):
        if given not in table:
            raise at.error(f"`{key}` must be defined under {section} ({nearest(given, list(table))})", repr(given))
        name = given
        given, at = table[name], Place(place.source, (section, name))
    if not isinstance(given, kind):
        raise at.error(f"`{key}` must be a {kind.__name__}", type(given).__name__)
    return given, at


def _unique_names(spec: HeadsetFile, root: Place) -> None:
    sections: dict[str, Mapping[str, Posed]] = {
        "cameras": spec.cameras,
        "leds": spec.leds,
        "cover_glasses": spec.cover_glasses,
    }
    for section, parts in sections.items():
        names = list(parts)
        for name, part in parts.items():
            if part.mirror is not None:
                if part.mirror in names:
                    raise (root / section / name / "mirror").error("`mirror` must be a new name", repr(part.mirror))
                names.append(part.mirror)


def _donning(part: DonningPart) -> DonningDistribution:
    turns = (float(np.deg2rad(v)) for v in (part.pitch_deg, part.yaw_deg, part.roll_deg))
    return DonningDistribution(part.lateral_mm * MM, part.up_mm * MM, part.depth_mm * MM, *turns)


def _keep_out(spec: HeadsetFile, ipd: tuple[float, float], place: Place) -> KeepOut:
    part, barrels, display, glasses = spec.keep_out, None, None, None
    # Without barrels the cone of the display ends at the viewing lens.
    rim = barrel_front_z((part.lens_barrels.from_eye_mm if part.lens_barrels else spec.fit.eye_relief_mm) * MM)
    if part.lens_barrels is not None:
        barrels = LensBarrels(part.lens_barrels.radius_mm * MM, rim, part.lens_barrels.length_mm * MM, ipd)
    if part.display is not None:
        display = DisplayFrustum(float(np.deg2rad(0.5 * part.display.fov_deg)), pupil_z(), rim, ipd)
    if part.glasses is not None:
        with (place / "glasses").blame():
            glasses = _glasses(part.glasses)
    return KeepOut(barrels, display, glasses)


def _glasses(part: GlassesPart) -> Glasses:
    return Glasses(
        width_m=part.width_mm * MM,
        lens_width_m=part.lens_width_mm * MM,
        lens_height_m=part.lens_height_mm * MM,
        bridge_m=part.bridge_mm * MM,
        vertex_distance_m=(part.vertex_distance_mm[0] * MM, part.vertex_distance_mm[1] * MM),
        thickness_m=part.thickness_mm * MM,
        rim_m=part.rim_mm * MM,
        drop_m=part.drop_mm * MM,
        temple_length_m=part.temple_length_mm * MM,
        worn=part.worn,
    )


def _shell(part: ShellPart, folder: Path | None, place: Place) -> Shell:
    if "\0" in part.mesh or not part.mesh:
        raise (place / "mesh").error("`mesh` must name a file", repr(part.mesh))
    beside = (folder or Path()) / part.mesh
    shipped = SHIPPED / part.mesh
    path = shipped if not beside.is_file() and shipped.is_file() else beside
    with (place / "mesh").blame():
        try:
            vertices, triangles = read_mesh(path, part.units)
        except OSError as error:  # a name too long to be a file's
            raise HeadsetError(f"cannot read the mesh file {part.mesh[:60]}: {error.strerror}") from error
    vertices.flags.writeable = triangles.flags.writeable = False
    return Shell(vertices, triangles, part.reflectance, part.mesh)


def _housing(spec: HeadsetFile, place: Place) -> HousingSpec:
    part, barrels = spec.housing, spec.keep_out.lens_barrels
    lens, foam = part.viewing_lens, part.interface
    if barrels is not None and lens.mount_mm >= barrels.radius_mm:
        rule = (
            f"`mount_mm < radius_mm` of keep_out.lens_barrels, {barrels.radius_mm:g}, must hold (a rim around a lens)"
        )
        raise (place / "viewing_lens" / "mount_mm").error(rule, f"{lens.mount_mm:g}")
    if barrels is not None and lens.radius_mm <= barrels.radius_mm - lens.mount_mm:
        clear = f"the lens's own radius, {barrels.radius_mm - lens.mount_mm:g} (keep_out.lens_barrels less mount_mm)"
        raise (place / "viewing_lens" / "radius_mm").error(f"`radius_mm` must exceed {clear}", f"{lens.radius_mm:g}")
    return HousingSpec(
        part.barrel.reflectance,
        ViewingLens(lens.reflectance, lens.ghost_reflectance, lens.index, lens.radius_mm * MM, lens.mount_mm * MM),
        Interface(
            foam.reflectance,
            reach_above_m=foam.reach_above_mm * MM,
            reach_below_m=foam.reach_below_mm * MM,
            beside_m=foam.beside_mm * MM,
            pressed_m=foam.pressed_mm * MM,
            yields_m=foam.yields_mm * MM,
            yields_over_m=foam.yields_over_mm * MM,
        ),
    )


def _pair(values: list[float] | None) -> tuple[float, float] | None:
    return (values[0], values[1]) if values is not None else None
