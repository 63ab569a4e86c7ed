"""Each constraint against its slow or independent twin, and REFA's three layouts against what REFA says of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import trimesh
from scipy.stats import qmc

from faces import load_head_model
from headsets import HeadsetError, load_headset
from headsets.keep_out import LensBarrels
from hmcsim.safety import estimate_safety, wearers_corneas
from hmcsim.safety_result import SafetyConfig
from optimize.constraints.check import Checker
from optimize.constraints.eye_safety import exempt_share
from optimize.constraints.margin import Margin
from optimize.constraints.power import led_power_mw
from optimize.constraints.rooms import rooms_of
from optimize.constraints.view import OpenView
from optimize.constraints.worn_faces import FAR_M, wear_faces
from optimize.errors import OptimizeError
from optimize.space.space import space_of
from optimize.study.feasible import VIEWED, explain_empty
from sim.metrics import ScoreConfig
from sim.metrics.clearance import camera_rooms
from tests.optimize.search_cases import HEAD, REGIONS, ROOM, SMALL, checker, faces, green, part

EXISTING = {"cameras": {"glabella": {"tilt_deg": [-1, 1]}}}


@pytest.fixture(scope="module")
def margins():
    """Layout -> constraint -> margin, as shipped, on the built-in head."""
    head = load_head_model()
    worn = None
    found = {}
    for name in ("refa_green", "refa_orange", "refa_red"):
        headset = load_headset(name)
        # All three have the same donning: the same faces serve.
        worn = worn or wear_faces(head, headset.donning, REGIONS, ScoreConfig(identities=4, donnings=4))
        space = space_of(headset, headset.spec.search or part(mounts={}, leds={}, **EXISTING))
        check = Checker(space, worn)
        layout = check.candidate(space.layout(space.existing()[0]))
        found[name] = (check.margins(layout), layout, check)
    return found


@pytest.mark.parametrize("name", ["refa_orange", "refa_red"])
def test_refas_rejected_layouts_break_glasses_or_ipd_clearance_at_the_glabella(margins, name):
    found, layout, check = margins[name]
    broken = [found[key] for key in ("lens_barrels", "glasses") if not found[key].feasible]
    assert broken
    assert {margin.part for margin in broken} == {"camera 'glabella'"}
    # No other camera is in the way of either.
    rooms = check.room_margins(layout.positions)
    for key in ("lens_barrels", "glasses"):
        bad = {layout.names[i] for i in np.flatnonzero(rooms[key] < 0)}
        assert bad <= {"glabella"}


def test_the_layout_that_refa_built_keeps_everything(margins):
    found, _, check = margins["refa_green"]
    assert set(found) == set(check.names)
    assert set(check.names) == {
        "lens_barrels", "display", "glasses", "face", "shell", "parts", "view", "led_power", "eye_safety", "count",
    }  # fmt: skip
    assert [margin.text() for margin in found.values() if not margin.feasible] == []


def test_rooms_of_cameras_are_those_that_scores_measure():
    """`camera_rooms` is checked against trimesh; its distances are to triangles, ours to vertices 5 mm apart."""
    rooms = {room.name: room for room in rooms_of(green(), faces())}
    exact = camera_rooms(green(), HEAD, ROOM)
    for camera in green().cameras.values():
        at = camera.position[None]
        assert rooms["glasses"].distance(at)[0] == pytest.approx(exact[camera.name].glasses_m, abs=1e-9)
        assert rooms["shell"].distance(at)[0] == pytest.approx(exact[camera.name].shell_m, abs=1e-4)
        face = min(exact[camera.name].face_m, FAR_M)
        assert face - 1e-6 <= rooms["face"].distance(at)[0] <= face + 1.5e-3


def test_faces_have_an_inside():
    points = np.array([[0.0, -0.02, -0.02], [0.06, -0.02, -0.05], [0.0, -0.02, 0.06]])
    distance = faces().distance(points)
    assert (distance[:2] < 0).all()
    assert distance[2] > 0.02


def test_parts_keep_apart():
    check = checker(constraints={"camera_diameter_mm": 6, "led_diameter_mm": 2})
    spec = green().spec.model_copy(update={"cameras": {}})
    led = spec.leds["glabella_left"].model_copy(update={"position_mm": [2.5, 24.0, 50.0]})
    layout = check.candidate(spec.model_copy(update={"leds": {"glabella_left": led}}))
    gap = check.margins(layout)["parts"]
    assert gap.value == pytest.approx(2 * 2.5 - 2 * 1)  # it and its twin
    assert gap.part == "LED 'glabella_left' and LED 'glabella_right'"


def test_power_of_lambertian_leds():
    order = -np.log(2) / np.log(np.cos(np.deg2rad(65)))
    by_hand = 8 * 8.0 * 2 * np.pi / (order + 1) * 500e-6 * 30
    assert led_power_mw(green()) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("stuck_on", [False, True])
def test_eye_safety_is_that_of_the_safety_command(stuck_on):
    config = SafetyConfig(ROOM.identities, ROOM.donnings, ROOM.seed)
    estimate = estimate_safety(green(), wearers_corneas(HEAD, config), config)
    assert exempt_share(green(), faces(), stuck_on) == pytest.approx(
        estimate.share("stuck_on" if stuck_on else "normal")
    )


def test_views_are_as_open_as_rays_through_the_meshes_find():
    """The barrels' mesh has 48 sides: lines that graze them may differ."""
    headset = load_headset("refa_orange")
    barrels = headset.keep_out.lens_barrels
    view = OpenView(headset, faces())
    vertices, triangles = barrels.mesh(float(np.mean(barrels.ipd_m)))
    wall = trimesh.util.concatenate(
        [trimesh.Trimesh(vertices, triangles), trimesh.Trimesh(headset.shell.vertices, headset.shell.triangles)]
    )
    shares = []
    for camera in headset.cameras.values():
        (region,) = camera.sees
        points, normals = view._points[region]
        ends = points[((camera.position - points) * normals).sum(-1) > 0]
        steps = ends - camera.position
        origins = np.broadcast_to(camera.position, ends.shape)
        hits, rays, _ = wall.ray.intersects_location(origins, steps)
        along = ((hits - camera.position) * steps[rays]).sum(-1) / (steps[rays] ** 2).sum(-1)
        blocked = np.isin(np.arange(len(ends)), rays[along < 1])
        shares.append(1 - blocked.mean())
        assert view.share(camera.position, region) == pytest.approx(shares[-1], abs=0.01), camera.name
    assert min(shares) < 0.95


def test_margins_say_where_and_by_how_much():
    assert Margin("glasses", -1.25, "mm", "camera 'a'").text() == "glasses: 1.25 mm short at camera 'a'"
    assert Margin("count", 2, "count").text() == "count: 2 left"
    assert Margin("view", -0.04, "share").violation == pytest.approx(2)


EMPTY = {
    "glasses": (
        {"mounts": {"above": {"box": {"low_mm": [0, 6, 26], "high_mm": [0, 9, 30]}}}},
        ["'glasses'", "camera 'glabella'", "at best"],
    ),
    "barrels": (
        {
            "mounts": {"above": {"box": {"low_mm": [36, -5, 38], "high_mm": [40, 5, 44]}}},
            "cameras": {"eye_left": {"mount": "above"}},
        },
        ["'lens_barrels'", "camera 'eye_left'"],
    ),
    "a part that stays": (
        {"constraints": {"clearance_mm": 8, "ignore": ["glasses", "shell"]}},
        ["LED 'eye_left_a', which does not move", "'lens_barrels'"],
    ),
    "power": ({"constraints": {"led_power_mw": 0.5}}, ["'led_power'", "led_power_mw: 0.5"]),
    "count": ({"camera_count": {"at_least": 7}}, ["'count'", "it has 5 cameras", "at least 7", "search.camera_count"]),
}


@pytest.mark.parametrize("case", EMPTY)
def test_an_empty_space_is_explained_by_what_empties_it(case):
    changed, fragments = EMPTY[case]
    with pytest.raises(OptimizeError) as caught:
        explain_empty(checker(**changed))
    for fragment in ["no layout in the search space is feasible", *fragments]:
        assert fragment in str(caught.value), str(caught.value)


def test_a_sliver_that_is_feasible_is_found():
    """Only a corner of the box, a few hundredths of it, is far enough from the barrels."""
    barrels = green().keep_out.lens_barrels
    assert isinstance(barrels, LensBarrels)
    box = {"low_mm": [0, -10.5, 36], "high_mm": [0, 11.1, 44]}
    ys = np.linspace(-10.5, 11.1, 400)
    clear = barrels.distance(np.column_stack([0 * ys, ys, 0 * ys + 40]) * 1e-3) >= 3e-3
    assert 0 < clear.mean() < 0.01
    others = ["display", "glasses", "face", "shell", "view"]
    explain_empty(checker(mounts={"above": {"box": box}}, constraints={"ignore": others}))


def _beside(low, high, **limits):
    """The eye camera in a box around and behind its lens barrel."""
    mounts = {"side": {"box": {"low_mm": low, "high_mm": high}}}
    return {
        "mounts": mounts,
        "cameras": {"eye_left": {"mount": "side"}},
        "constraints": {"ignore": ["shell"], **limits},
    }


def test_a_sliver_from_which_a_camera_sees_enough_is_found():
    """Most of the box is behind the barrel: of the places tried first none sees what is asked for."""
    low, high = np.array([32, 30, 30]), np.array([60, 60, 110])
    check = checker(**_beside(low.tolist(), high.tolist()))
    rows = (low + qmc.Sobol(3, rng=np.random.default_rng(0)).random(256) * (high - low)) * 1e-3
    shares = np.array([check.view.share(row, "eye_left") for row in rows])
    assert shares[:VIEWED].max() < 0.95 <= shares.max()
    explain_empty(checker(**_beside(low.tolist(), high.tolist(), open_view=0.95)))
    with pytest.raises(OptimizeError, match="camera 'eye_left' may sit, it breaks 'view': at most 0%"):
        explain_empty(checker(**_beside([30, -20, 60], [40, 20, 120])))


def test_an_led_must_reach_the_face():
    """In front of the visor's plate it shines past the lower edge at most."""
    check = checker()
    assert check.view.of_led(np.array([0.035, 0.0, 0.12])) < 0.3
    mounts = {"front": {"box": {"low_mm": [20, -10, 110], "high_mm": [50, 10, 130]}}}
    with pytest.raises(
        OptimizeError, match=r"LED 'eye_left_b' may sit, it breaks 'view': at most [0-9]+% of any region"
    ):
        explain_empty(checker(mounts=mounts, cameras={}, leds={"eye_left_b": {"mount": "front"}}))
    for name, led in green().leds.items():
        assert check.view.of_led(led.position) > check.limits.open_view, name


def test_any_clearance_to_the_face_can_be_asked_for():
    others = ["lens_barrels", "display", "glasses", "shell", "view"]
    at = np.array([[0.0, 0.02, 0.04], [0.0, 0.02, 0.2]])
    near, far = checker(constraints={"clearance_mm": 30, "ignore": others}).room_margins(at)["face"]
    assert near < 0 < far


def test_parts_that_may_move_are_not_blamed_for_where_they_are():
    """An LED too near to the barrels, with and without a mount on which it could be farther off."""
    tight = {"constraints": {"clearance_mm": 4.7, "ignore": ["glasses", "shell"]}}
    with pytest.raises(OptimizeError, match="LED 'eye_left_a', which does not move"):
        explain_empty(checker(**tight))
    mounts = {**SMALL["mounts"], "under": {"box": {"low_mm": [44, -40, 28], "high_mm": [54, -28, 36]}}}
    explain_empty(checker(**tight, mounts=mounts, leds={"eye_left_a": {"mount": "under"}}))


def test_leds_that_no_limit_covers_are_refused_unless_ignored():
    spec = green().spec
    red = spec.emitters["chip_850"].model_copy(update={"wavelength_nm": 650.0})
    headset = dataclasses.replace(green(), spec=spec.model_copy(update={"emitters": {"chip_850": red}}))
    with pytest.raises(HeadsetError, match=r"650.*emitters\.chip_850"):
        Checker(space_of(headset, part()), faces())
    Checker(space_of(headset, part(constraints={"ignore": ["eye_safety"]})), faces())
