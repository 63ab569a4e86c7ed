"""What looks are drawn from: that files set it, that draws follow it, and that nothing changed where it is not set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from faces.builtin import AnnyHead
from faces.distributions import Ageing, Beta, LogNormal, Normal, Spread, Uniform
from faces.errors import FaceError
from faces.eyewear.look import SHAPES, GlassesLook
from faces.eyewear.priors import ShapesPriors
from faces.hair.growth import grow
from faces.hair.look import BEARDS, HairLook
from faces.hair.priors import BeardShares
from faces.look import Look, sample_look
from faces.mouth import MouthLook
from faces.priors import LookPriors
from faces.priors_file import load_look_priors, parse_look_priors
from faces.skin.detail import SkinDetail
from faces.skin.look import SkinLook
from faces.skin.maps import skin_maps
from faces.skin.priors import ReflectancePriors
from faces.skin.reflectance import draw_reflectance

COUNT = 2000


def drawn(text: str, count: int = COUNT, **known: Any) -> list[Look]:
    """Looks of the first seeds under the priors of a file."""
    priors = parse_look_priors(text, "mine.yaml")
    return [sample_look(np.random.default_rng(k), priors=priors, **known) for k in range(count)]


def standard_error(values: list[float]) -> float:
    return float(np.std(values) / np.sqrt(len(values)))


# Drawn before there were priors to set: seed, sex, age, and numbers of each part in the order of the draws.
OLD: list[tuple[int, str | None, float, dict[str, dict[str, Any]]]] = [
    (
        0,
        None,
        40.0,
        {
            "skin": {"reflectance": (0.6279669889479846, 0.5499613683429058), "oiliness": 0.7853320050778162}
            | {"pores": 1.1257031257752041, "freckles": 0.7837243571439554, "nevi": 4, "seed": 17790420},
            "eyes": {"pupil_diameter_mm": 4.581, "iris_albedo": 0.2907, "bright_pupil": 0.3182},
            "hair": {"brow_density": 0.8885953360776327, "albedo": (0.35526043457984235, 0.3437301027734196)}
            | {"brow_length_mm": 8.096309093045784, "grey": 0.0437573680840513, "seed": 704750837},
            "glasses": {"shape": "oval", "lens_width_mm": 47.680949365250804, "drop_mm": 4.820360987081839}
            | {"frame_albedo": (0.1432644147653398, 0.14512761507842084), "power_dpt": 0.5333450941742628}
            | {"base_radius_mm": 100.73877904541244, "centre_thickness_mm": 2.2666725470871314, "lens_index": 1.498},
        },
    ),
    (
        1,
        "male",
        25.0,
        {
            "skin": {"lip_contrast": 0.9357019398452824, "seed": 42568569, "wrinkles": 0.0937513150406706},
            "eyes": {"pupil_diameter_mm": 4.35, "limbus_width_mm": 0.8624, "seed": 1611395864},
            "hair": {"beard": "full", "beard_length_mm": 10.73359353259262, "thickness": 1.3251325928990796}
            | {"brow_density": 0.6463462449883082, "beard_density": 0.7617448777687501, "lash_thickness": 0.9},
        },
    ),
    (
        3,
        "female",
        70.0,
        {
            "skin": {"reflectance": (0.41063777163310633, 0.39916559030769705), "seed": 2026975030},
            "eyes": {"pupil_diameter_mm": 3.356, "vessel_strength": 0.1443},
            "hair": {"brow_width": 0.8718971714267058, "grey": 0.6466279053180659, "seed": 2055089922},
        },
    ),
    (
        5,
        "male",
        55.0,
        {
            "hair": {"beard": "stubble", "beard_length_mm": 1.1291374318638445},
            "glasses": {"frame_albedo": (0.5457243805157634, 0.6090044459094175), "bridge_mm": 21.0}
            | {"rim_mm": 3.4493414653576244, "coated": True, "wrap_deg": 4.974531847499252},
        },
    ),
]


@pytest.mark.parametrize(("seed", "sex", "age", "parts"), OLD)
def test_old_seeds_keep_their_looks(seed: int, sex: str | None, age: float, parts: dict[str, dict[str, Any]]) -> None:
    look = sample_look(np.random.default_rng(seed), sex=sex, age_years=age)
    assert (look.glasses is not None) == ("glasses" in parts)
    for part, expected in parts.items():
        for name, value in expected.items():
            wanted = value if isinstance(value, str | bool) else pytest.approx(value, rel=1e-13)
            assert getattr(getattr(look, part), name) == wanted, (part, name)


def test_a_file_of_every_prior_reads_back() -> None:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return [*value] if isinstance(value, tuple) else value

    text = yaml.safe_dump(plain(asdict(LookPriors())), sort_keys=False)
    assert parse_look_priors(text, "all") == LookPriors()
    changed = replace(LookPriors().eyes, iris_albedo=Normal(0.3, 0.01, 0.2, 0.4), pupil_mm_per_year=0.0)
    text = yaml.safe_dump({"eyes": plain(asdict(changed))})
    assert parse_look_priors(text, "eyes") == replace(LookPriors(), eyes=changed)


def test_a_part_of_a_distribution_leaves_the_rest(tmp_path: Path) -> None:
    (tmp_path / "looks.yaml").write_text("eyes:\n  sclera_albedo: {mean: 0.55}\n")
    priors = load_look_priors(tmp_path / "looks.yaml")
    assert priors.eyes.sclera_albedo == replace(LookPriors().eyes.sclera_albedo, mean=0.55)
    assert replace(priors, eyes=LookPriors().eyes) == LookPriors()


FOLLOWS: dict[str, tuple[str, Callable[[Look], float], float]] = {
    "oiliness": ("skin: {oiliness: {a: 6, b: 2}}", lambda k: k.skin.oiliness, 6 / 8),
    "stubble": (
        "skin: {stubble_share: 0.3, stubble: {low: 0.5, high: 0.7}}", lambda k: k.skin.stubble, 0.3 * 0.6),
    "nevi": ("skin: {nevi_mean: 9}", lambda k: k.skin.nevi, 9.0),
    "iris": ("eyes: {iris_albedo: {mean: 0.4, sd: 0.02, high: 0.5}}", lambda k: k.eyes.iris_albedo, 0.4),
    "sclera": ("eyes: {sclera_albedo: {mean: 0.52, sd: 0.004}}", lambda k: k.eyes.sclera_albedo, 0.52),
    "pupils of 60 years": (
        "eyes: {pupil_mm_per_year: -0.03, pupil_diameter_mm: {mean: 5, sd: 0.3}}",
        lambda k: k.eyes.pupil_diameter_mm,
        5 - 0.03 * 20,
    ),
    "vessels": ("eyes: {vessel_strength: {low: 0.3, high: 0.5}}", lambda k: k.eyes.vessel_strength, 0.4),
    "hair": ("hair: {albedo: {a: 2, b: 2, low: 0.2, high: 0.6}}", lambda k: k.hair.albedo[0], 0.4),
    "grey at 60": ("hair: {grey: {from_years: 40, over_years: 50, sd: 0.05}}", lambda k: k.hair.grey, 20 / 50),
    "full beards": (
        "hair: {beard_share: {none: 1, stubble: 0, moustache: 0, goatee: 0, circle: 0, full: 3}}",
        lambda k: k.hair.beard == "full",
        0.75,
    ),
    "glasses": ("glasses: {share: 0.9}", lambda k: k.glasses is not None, 0.9),
    "metal": (
        "glasses: {share: 1, metal_share: 0.2, metal_share_thin: 0.2}",
        lambda k: k.glasses is not None and k.glasses.frame_material == "metal",
        0.2,
    ),
    "bright acetate": (
        "glasses: {share: 1, metal_share: 0, metal_share_thin: 0, bright_share: 0.8}",
        lambda k: k.glasses is not None and k.glasses.frame_albedo[0] > 0.2,
        0.8,
    ),
    "polycarbonate": (
        "glasses: {share: 1, polycarbonate_share: 0.9}",
        lambda k: k.glasses is not None and k.glasses.lens_index == 1.585,
        0.9,
    ),
    "wide panes": (
        "glasses: {share: 1, shape: {round: {share: 1000, lens_width_mm: {mean: 50, sd: 1}}}}",
        lambda k: k.glasses.lens_width_mm if k.glasses and k.glasses.shape == "round" else 50.0,
        50.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FOLLOWS)
def test_draws_follow_their_priors(what: str) -> None:
    text, of, expected = FOLLOWS[what]
    values = [float(of(look)) for look in drawn(text, sex="male", age_years=60.0)]
    assert abs(np.mean(values) - expected) < 4 * standard_error(values) + 1e-4


@pytest.mark.parametrize("what", ["iris", "sclera", "vessels", "glasses", "polycarbonate", "stubble"])
def test_other_draws_stay(what: str) -> None:
    changed, plain = (drawn(text, 50, sex="male", age_years=60.0) for text in (FOLLOWS[what][0], "{}"))
    assert changed != plain
    for a, b in zip(changed, plain, strict=True):
        assert (a.skin.seed, a.skin.lip_contrast, a.eyes.seed, a.hair) == (
            b.skin.seed,
            b.skin.lip_contrast,
            b.eyes.seed,
            b.hair,
        )


def test_reflectance_has_the_moments_asked_for() -> None:
    priors = ReflectancePriors((0.55, 0.45), (0.05, 0.04), (0.40, 0.30), (0.70, 0.55), 0.5, 0.0)
    values = draw_reflectance(np.random.default_rng(3), 60_000, priors=priors)
    np.testing.assert_allclose(values.mean(axis=0), priors.mean, atol=4 * 0.05 / np.sqrt(60_000))
    np.testing.assert_allclose(values.std(axis=0), priors.sd, rtol=0.02)
    fisher = np.arctanh(np.corrcoef(values.T)[0, 1]) - np.arctanh(0.5)
    assert abs(fisher) < 4 / np.sqrt(60_000)
    darker = drawn("skin: {reflectance: {mean: [0.58, 0.52], tail_share: 0}}")
    first = [look.skin.reflectance[0] for look in darker]
    assert abs(np.mean(first) - 0.58) < 4 * standard_error(first)
    assert all(k.skin.reflectance[0] < 0.49 for k in drawn("skin: {reflectance: {tail_share: 1}}", 50))


def ends(part: Any, high: bool) -> Any:
    """Priors all of whose draws lie at one end of their range."""

    def one(value: Any) -> Any:
        end = getattr(value, "high" if high else "low", None)
        if isinstance(value, Normal):
            return replace(value, mean=end, sd=0.0)
        if isinstance(value, LogNormal):
            return replace(value, median=end, sigma=0.0)
        if isinstance(value, Uniform | Beta):
            return replace(value, low=end, high=end)
        if isinstance(value, Ageing):
            return replace(value, low=end, high=end)
        if isinstance(value, Spread):
            return Spread(end, 0.0)
        return ends(value, high) if is_dataclass(value) and not isinstance(value, ReflectancePriors) else value

    return replace(part, **{field.name: one(getattr(part, field.name)) for field in fields(part)})  # fmt: skip


@pytest.mark.parametrize("high", [False, True])
def test_draws_reach_both_ends_and_stay_valid(high: bool) -> None:
    priors = ends(LookPriors(), high)
    looks = [sample_look(np.random.default_rng(k), sex="male", age_years=50.0, priors=priors) for k in range(60)]
    end = "high" if high else "low"
    assert {k.eyes.iris_albedo for k in looks} == {getattr(LookPriors().eyes.iris_albedo, end)}
    assert {k.hair.brow_width for k in looks} == {getattr(LookPriors().hair.brow_width_male, end)}
    assert {k.glasses.bridge_mm for k in looks if k.glasses} == {getattr(LookPriors().glasses.bridge_mm, end)}


WRONG = {
    "unknown part": ("ears: {}", ["unknown key 'ears'", "skin, eyes, hair, glasses, mouth", "mine.yaml: ears"]),
    "unknown key": ("eyes: {iris_albdo: 1}", ["did you mean 'iris_albedo'?", "Valid: pupil_diameter_mm", "eyes.iris"]),
    "unknown number": ("eyes: {iris_albedo: {median: 1}}", ["'median'", "mean, sd, low, high", "eyes.iris_albedo"]),
    "twice": ("eyes: {}\neyes: {}", ["duplicate key 'eyes'", "line 2"]),
    "text": ("eyes: {iris_albedo: {mean: '0.3'}}", ["`mean` must be a finite number, got '0.3'", "iris_albedo.mean"]),
    "NaN": ("hair: {mascara_share: .nan}", ["finite number, got .nan", "hair.mascara_share"]),
    "infinite": ("hair: {mascara_share: 1e999}", ["finite number, got 1e999"]),
    "true": ("glasses: {share: true}", ["finite number, got true"]),
    "number for a distribution": ("eyes: {iris_albedo: 0.3}", ["must be a mapping", "mean, sd, low, high", "got 0.3"]),
    "one of two": ("skin: {reflectance: {mean: [0.6]}}", ["list of 2 numbers, got a list of 1", "reflectance.mean"]),
    "mean beside its limits": ("eyes: {iris_albedo: {mean: 0.5}}", ["`low <= mean <= high`", "mean 0.5", "high 0.35"]),
    "negative SD": ("eyes: {iris_albedo: {sd: -1}}", ["`0 <= sd`", "sd -1"]),
    "beyond what an eye may be": (
        "eyes: {iris_albedo: {high: 0.9}}",
        ["`0.05 <= iris_albedo <= 0.6`", "0.15 to 0.9", "mine.yaml: eyes.iris_albedo"],
    ),
    "no such beta": ("skin: {reflectance: {sd: [0.3, 0.02]}}", ["`0.001 <= sd < 0.0837`", "0.3", "skin.reflectance"]),
    "black skin": ("skin: {reflectance: {tail_low: 0.01}}", ["`0.1 <= tail_low <= 0.49`", "0.01"]),
    "share": ("glasses: {share: 40}", ["`0 <= share <= 1`", "40", "glasses.share"]),
    "no beard at all": (
        f"hair: {{beard_share: {{{', '.join(f'{name}: 0' for name in BEARDS)}}}}}", ["one share > 0", "beard_share"]
    ),
    "pane": ("glasses: {shape: {oval: {lens_width_mm: {mean: 90}}}}", ["`36 <= lens_width_mm <= 66`", "shape.oval"]),
    "teeth": ("mouth: {teeth_albedo: [0.6, 1.2]}", ["`0.02 < teeth_albedo < 0.95`", "mouth"]),
    "alpha": ("skin: {detail: {alpha_lips: 0.9}}", ["`0.1 <= alpha_lips <= 0.5`", "0.9", "skin.detail"]),
    "pores": ("skin: {detail: {pore_radius_mm: [0.2, 0.1]}}", ["`pore_radius_mm[0] <= pore_radius_mm[1]`"]),
    "empty": ("", ["mapping, got nothing"]),
    "list": ("[1]", ["must be a mapping", "got a list of 1", "top level"]),
    "not YAML": ("a: [", ["wrong YAML", "line 1"]),
    "two documents": ("eyes: {}\n---\neyes: {}", ["wrong YAML", "line 2"]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_says_what_is_wrong(case: str) -> None:
    text, fragments = WRONG[case]
    with pytest.raises(FaceError) as caught:
        parse_look_priors(text, "mine.yaml")
    for fragment in [*fragments, "mine.yaml"]:
        assert fragment in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(FaceError, match=r"cannot read .*nowhere.yaml: No such file"):
        load_look_priors(tmp_path / "nowhere.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FaceError, match="not UTF-8 text"):
        load_look_priors(tmp_path / "bytes.yaml")
    with pytest.raises(FaceError, match="cannot read"):
        load_look_priors(tmp_path)


def test_names_of_beards_and_shapes_are_those_of_their_priors() -> None:
    assert tuple(field.name for field in fields(BeardShares)) == BEARDS
    assert tuple(field.name for field in fields(ShapesPriors)) == SHAPES


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SkinLook(oiliness=2.0), r"`0 <= oiliness <= 1` must hold, got 2 \(SkinLook\)"),
        (lambda: HairLook(grey_albedo=(0.5, 1.0)), r"`0 < grey_albedo < 1` .* \(HairLook\)"),
        (lambda: GlassesLook(rim_mm=float("nan")), r"`0.8 <= rim_mm <= 8` must hold, got nan \(GlassesLook\)"),
        (lambda: HairLook(seed=-1), r"`seed >= 0` must hold, got -1 \(HairLook\)"),
        (lambda: MouthLook(tongue_albedo=(0.0, 0.5)), r"tongue_albedo"),
    ],
)
def test_looks_share_their_checks(make: Callable[[], object], message: str) -> None:
    with pytest.raises(FaceError, match=message):
        make()


def test_the_mouth_has_the_colours_asked_for(head: AnnyHead) -> None:
    identity, topology = head.neutral_identity(), head.topology
    plain = head.mesh(identity).albedo
    mouth = MouthLook(teeth_albedo=(0.3, 0.28), gums_albedo=(0.9, 0.8))
    albedo = head.mesh(identity, look=Look(mouth=mouth)).albedo

    def of(material: str) -> np.ndarray:
        """Vertices of triangles of this material and of no other."""
        mine = topology.material_ids == topology.material_names.index(material)
        return np.setdiff1d(topology.triangles[mine], topology.triangles[~mine])

    for material, pair in (("teeth", (0.3, 0.28)), ("gums", (0.9, 0.8))):
        np.testing.assert_allclose(albedo[:, of(material)].mean(axis=1), pair, rtol=1e-5)
    for material in ("skin", "lips", "tongue", "sclera"):
        np.testing.assert_array_equal(albedo[:, of(material)], plain[:, of(material)])
    dark = head.mesh(identity, look=Look(skin=SkinLook(reflectance=(0.40, 0.39)), mouth=mouth)).albedo
    np.testing.assert_allclose(dark[0, of("gums")].mean(), 0.9 * 0.358 / 0.561, rtol=1e-4)


def test_strands_have_the_colours_asked_for(head: AnnyHead) -> None:
    grey = HairLook(grey=1.0, grey_albedo=(0.7, 0.65), lash_shade=0.4, beard="stubble")
    strands = grow(head.mesh(head.neutral_identity(), look=Look(hair=grey)))
    assert strands is not None
    np.testing.assert_allclose(strands.albedo[:, : strands.grown], [[0.7], [0.65]] * np.ones(strands.grown), rtol=1e-6)
    lashes = strands.albedo[0, strands.grown :]
    assert np.mean(lashes) == pytest.approx(0.4 * grey.albedo[0], rel=0.05)


def test_skin_has_the_detail_asked_for(head: AnnyHead) -> None:
    def maps(**changes: Any) -> np.ndarray:
        skin = SkinLook(oiliness=0.0, stubble=0.0, detail=replace(SkinDetail(), **changes))
        return skin_maps(head.topology, skin).base.astype(float)

    plain = maps()
    smooth = maps(alpha_skin=(0.3, 0.3), alpha_t_zone=(0.3, 0.3), alpha_lips=0.3, alpha_wet=0.3)
    inside = plain[..., 1] != 159  # beyond the face every border is neutral
    sheen = 0.10 + 0.40 * smooth[inside][:, 1] / 255
    assert np.median(sheen) == pytest.approx(0.3, abs=0.02)
    assert np.median(0.10 + 0.40 * plain[inside][:, 1] / 255) > 0.4
    even, mottled = (maps(mottle_sd=(sd,) * 3)[inside][:, 0].std() / 128 for sd in (0.0, 0.05))
    assert mottled**2 - even**2 == pytest.approx(3 * 0.05**2, rel=0.35)  # variances add, less the fade to the border
