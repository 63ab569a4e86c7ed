"""How faces move: the distributions that `faces.motion` draws from, and what their numbers may be at all."""

from __future__ import annotations

from dataclasses import dataclass

from faces.distributions import Beta, LogNormal, Normal, Uniform
from faces.errors import FaceError
from faces.ranges import Range, check_ranges

SHARE: Range = (0.0, 1.0)
LONG_S: Range = (0.02, 60.0)


@dataclass(frozen=True)
class BlinkPriors:
    """Of lids. Sources are cited from memory, but for those with [abstract], which was read.

    Attributes:
        rate_per_min: spontaneous blinks of one wearer: 17 at rest, 26 in conversation, 4.5 reading (Bentivoglio et al.
            1997, doi 10.1002/mds.870120629).
        interval_shape: of the gamma distribution of intervals; 1.5 makes their SD 0.8 times their mean: irregular.
        closing_s, closed_s, opening_s: closing takes 75–100 ms, opening 150–250 ms (Evinger, Manning and Sibony 1991;
            VanderWerf et al. 2003); the time between is a prior.
        half_share: of spontaneous blinks are incomplete: 53 % of 1,414 (Ousler et al. 2014, doi 10.2147/OPTH.S56783
            [abstract]); `half_depth` is how far they close.
        voluntary_share, wink_share: of all blinks, over-sampled; `voluntary_*_s` are their times, slower than
            spontaneous ones. On a tone, closing took 78 ± 10 ms in seven adults ("Kinematic comparison of spontaneously
            generated blinks and voluntary blinks in normal adult subjects" [abstract]); slower ones are a prior.
        wink_other_eye: how far the other eye closes in a wink; `wink_cheek` how far the winking cheek rises.
        drill_interval_s: pause between blinks of the kind "blink"; all its blinks have equal odds.
    """

    rate_per_min: Uniform = Uniform(low=10.0, high=25.0)
    interval_shape: float = 1.5
    closing_s: Uniform = Uniform(low=0.075, high=0.1)
    closed_s: Uniform = Uniform(low=0.005, high=0.03)
    opening_s: Uniform = Uniform(low=0.15, high=0.25)
    half_share: float = 0.5
    half_depth: Uniform = Uniform(low=0.25, high=0.9)
    voluntary_share: float = 0.05
    wink_share: float = 0.06
    voluntary_closing_s: Uniform = Uniform(low=0.075, high=0.16)
    voluntary_closed_s: LogNormal = LogNormal(median=0.25, sigma=0.7, low=0.05, high=2.0)
    voluntary_opening_s: Uniform = Uniform(low=0.2, high=0.4)
    wink_other_eye: Uniform = Uniform(low=0.0, high=0.25)
    wink_cheek: Uniform = Uniform(low=0.2, high=0.8)
    drill_interval_s: Uniform = Uniform(low=0.5, high=2.0)

    def __post_init__(self) -> None:
        shares = ("half_share", "half_depth", "voluntary_share", "wink_share", "wink_other_eye", "wink_cheek")
        check_ranges(self, dict.fromkeys(shares, SHARE))
        times = ("closing_s", "opening_s", "voluntary_closing_s", "voluntary_opening_s")
        check_ranges(self, dict.fromkeys(times, (0.03, 2.0)) | dict.fromkeys(("closed_s",), (0.0, 2.0)))
        check_ranges(self, {"voluntary_closed_s": (0.0, 10.0), "drill_interval_s": (0.05, 60.0)})
        check_ranges(self, {"rate_per_min": (0.1, 60.0), "interval_shape": (0.5, 50.0)})
        if self.voluntary_share + self.wink_share > 1:
            raise FaceError(
                "`voluntary_share + wink_share <= 1` must hold, "
                f"got {self.voluntary_share:g} + {self.wink_share:g} (BlinkPriors)"
            )


@dataclass(frozen=True)
class GazePriors:
    """Of eye movements. Sources are cited from memory.

    Attributes:
        fixation_s: 150–600 ms, as in viewing scenes (Rayner 1998, doi 10.1037/0033-2909.124.3.372).
        saccade_deg: amplitude; 86 % of natural ones are up to 15° (Bahill, Adler and Stark 1975).
        saccade_s, saccade_s_per_deg: duration = 21 ms + 2.2 ms a degree (Carpenter 1988, Movements of the Eyes).
        recentring: share of saccades whose sense is turned so that they end nearer to straight ahead.
        vertical: vertical over horizontal extent; natural gaze is wider than high.
        azimuth_deg, down_deg, up_deg: limits of the visual axes, straight ahead being 0; the head's are 45°, 40°, 35°
            of the optical ones, from which they lie up to 5.45° and 2.5° away, and more by vergence.
        pursuit_share: of movements are smooth pursuits instead, of `pursuit_deg` at `pursuit_deg_s`; pursuit follows
            targets up to some 30°/s well (Meyer, Lasker and Robinson 1985).
        distance_m: of what is looked at; headsets show most at 1.3–2 m.
        vergence_share: of saccades change it, within `vergence_s` (Collewijn, Erkelens and Steinman 1995).
        sweep_pursuit_share: of movements of a range of motion, which go from edge to edge at `sweep_deg_s`.
    """

    fixation_s: LogNormal = LogNormal(median=0.28, sigma=0.4, low=0.15, high=0.6)
    saccade_deg: LogNormal = LogNormal(median=5.5, sigma=0.8, low=0.5, high=40.0)
    saccade_s: float = 0.021
    saccade_s_per_deg: float = 0.0022
    recentring: float = 0.6
    vertical: float = 0.6
    azimuth_deg: float = 36.0
    down_deg: float = 34.0
    up_deg: float = 32.0
    pursuit_share: float = 0.1
    pursuit_deg: Uniform = Uniform(low=5.0, high=25.0)
    pursuit_deg_s: Uniform = Uniform(low=5.0, high=25.0)
    distance_m: LogNormal = LogNormal(median=1.5, sigma=0.6, low=0.35, high=10.0)
    vergence_share: float = 0.25
    vergence_s: Uniform = Uniform(low=0.3, high=0.6)
    sweep_pursuit_share: float = 0.6
    sweep_deg_s: Uniform = Uniform(low=15.0, high=40.0)

    def __post_init__(self) -> None:
        shares = ("recentring", "pursuit_share", "vergence_share", "sweep_pursuit_share")
        check_ranges(self, dict.fromkeys(shares, SHARE))
        check_ranges(self, {"fixation_s": (0.05, 60.0), "vertical": (0.05, 2.0), "vergence_s": (0.05, 5.0)})
        check_ranges(self, {"saccade_deg": (0.1, 80.0), "saccade_s": (0.005, 0.2), "saccade_s_per_deg": (0.0, 0.02)})
        check_ranges(self, {"azimuth_deg": (1.0, 39.0), "down_deg": (1.0, 37.0), "up_deg": (1.0, 37.0)})
        check_ranges(self, {"pursuit_deg": (0.5, 80.0), "distance_m": (0.2, 1000.0)})
        check_ranges(self, dict.fromkeys(("pursuit_deg_s", "sweep_deg_s"), (0.5, 100.0)))


@dataclass(frozen=True)
class SpeechPriors:
    """Of speech-like motion. Sources are cited from memory.

    Attributes:
        syllables_per_s: 3–7 in speech, mouths open and close at that rate (Chandrasekaran et al. 2009,
            doi 10.1371/journal.pcbi.1000436); of a phrase, `syllable_sigma` is the SD of the logarithm within it.
        phrase_syllables, pause_s: between two pauses; and these.
        jaw, lips: how far a wearer articulates, relative to the visemes. Jaws open by 5–15 mm in speech, with peaks of
            50–200 mm/s (Ostry and Munhall 1985); `jawOpen` 1 is some 40 mm.
        jaw_per_s, lips_per_s: how fast the dominance of a viseme decays with the time from its centre
            (Cohen and Massaro 1993, θ); lips are lighter.
        smooth_s: over which the tip of the dominance is rounded.
        skew: lips' sides differ by this share at most.
        beat_share: of syllables come with a raise of the brows by `beat`.
        colour_share: of phrases are spoken with a faint expression, up to `colour`.
    """

    syllables_per_s: Normal = Normal(mean=4.7, sd=0.8, low=3.0, high=7.0)
    syllable_sigma: float = 0.2
    phrase_syllables: Uniform = Uniform(low=4.0, high=16.0)
    pause_s: LogNormal = LogNormal(median=0.4, sigma=0.5, low=0.15, high=1.5)
    jaw: Uniform = Uniform(low=0.4, high=0.85)
    lips: Uniform = Uniform(low=0.7, high=1.0)
    jaw_per_s: float = 20.0
    lips_per_s: float = 24.0
    smooth_s: float = 0.02
    skew: float = 0.15
    beat_share: float = 0.06
    beat: Uniform = Uniform(low=0.15, high=0.6)
    colour_share: float = 0.3
    colour: Uniform = Uniform(low=0.1, high=0.5)

    def __post_init__(self) -> None:
        shares = ("jaw", "lips", "skew", "beat_share", "beat", "colour_share", "colour")
        check_ranges(self, dict.fromkeys(shares, SHARE))
        check_ranges(self, {"syllables_per_s": (0.5, 10.0), "syllable_sigma": (0.0, 0.5), "pause_s": (0.05, 60.0)})
        check_ranges(self, {"phrase_syllables": (1.0, 40.0), "smooth_s": (0.001, 0.1)})
        check_ranges(self, dict.fromkeys(("jaw_per_s", "lips_per_s"), (1.0, 60.0)))


@dataclass(frozen=True)
class GesturePriors:
    """Of expressions that rise, stay and fall, and of which are made. Sources are cited from memory.

    Attributes:
        onset_s, offset_s: posed smiles rise within 0.3–1 s (Schmidt, Ambadar, Cohn and Reed 2006,
            doi 10.1007/s10919-005-0003-x); falling is slower.
        apex_s: how long it stays; `sag` is the share that it loses meanwhile at most.
        rest_s: before the next.
        amplitude: of the named peak; `asked_amplitude` where a script asks for one, and wearers do their best.
        lag_s: between upper and lower face at most.
        asymmetric_share: of expressions are weaker on one side, which keeps `weaker_side`, or `asked_weaker_side`.
        rare_factor: how much oftener rare expressions (winks, asymmetric mouths, …) are drawn than others.
        sweep_s: rise and fall of a range of motion.
    """

    onset_s: Uniform = Uniform(low=0.3, high=1.0)
    apex_s: LogNormal = LogNormal(median=1.0, sigma=0.5, low=0.3, high=4.0)
    offset_s: Uniform = Uniform(low=0.4, high=1.2)
    sag: Uniform = Uniform(low=0.0, high=0.15)
    rest_s: Uniform = Uniform(low=0.2, high=1.0)
    amplitude: Beta = Beta(a=4.0, b=1.5, low=0.3, high=1.0)
    asked_amplitude: Beta = Beta(a=4.0, b=1.0, low=0.6, high=1.0)
    lag_s: float = 0.08
    asymmetric_share: float = 0.25
    weaker_side: Uniform = Uniform(low=0.2, high=0.85)
    asked_weaker_side: Uniform = Uniform(low=0.85, high=1.0)
    rare_factor: float = 3.0
    sweep_s: Uniform = Uniform(low=0.3, high=0.9)

    def __post_init__(self) -> None:
        check_ranges(self, dict.fromkeys(("sag", "amplitude", "asked_amplitude"), SHARE))
        check_ranges(self, dict.fromkeys(("asymmetric_share", "weaker_side", "asked_weaker_side"), SHARE))
        check_ranges(self, dict.fromkeys(("onset_s", "offset_s", "sweep_s"), (0.1, 10.0)))
        check_ranges(self, {"apex_s": (0.0, 60.0), "rest_s": (0.0, 60.0), "lag_s": (0.0, 0.5)})
        check_ranges(self, {"rare_factor": (0.0, 1000.0)})


@dataclass(frozen=True)
class FramePriors:
    """Of independent frames: how often each sort is drawn, relative to the others.

    Attributes:
        peak: one named expression at any strength.
        combination: the upper face of one and the lower face of another.
        sparse: some actions, each at any weight; `sparse_actions` is how many.
        speech: between two visemes.
        closed_share: of frames have lids somewhere in a blink on top of it; `wink_share` of these in one eye.
        amplitude: of peaks and of single actions.
        gaze_sd_deg: of the visual axes sideways; `gaze.vertical` of it up and down.
    """

    peak: float = 0.3
    combination: float = 0.35
    sparse: float = 0.25
    speech: float = 0.1
    sparse_actions: Uniform = Uniform(low=1.0, high=9.0)
    closed_share: float = 0.15
    wink_share: float = 0.2
    amplitude: Beta = Beta(a=1.6, b=1.0, low=0.0, high=1.0)
    gaze_sd_deg: float = 14.0

    def __post_init__(self) -> None:
        odds = ("peak", "combination", "sparse", "speech")
        check_ranges(self, dict.fromkeys(odds, (0.0, 1e6)) | {"sparse_actions": (1.0, 20.0)})
        check_ranges(self, dict.fromkeys(("closed_share", "wink_share", "amplitude"), SHARE))
        check_ranges(self, {"gaze_sd_deg": (0.0, 60.0)})
        if not sum(getattr(self, name) for name in odds) > 0:
            raise FaceError("`one of peak, combination, sparse, speech > 0` must hold, got 0 for each (FramePriors)")


@dataclass(frozen=True)
class MotionPriors:
    """Of how adults move; docs/priors.md lists every key, and `faces.motion.priors_file` reads them from YAML."""

    blinks: BlinkPriors = BlinkPriors()
    gaze: GazePriors = GazePriors()
    speech: SpeechPriors = SpeechPriors()
    gestures: GesturePriors = GesturePriors()
    frames: FramePriors = FramePriors()
