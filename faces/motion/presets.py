"""Scripts in the form of the papers' captures; what these leave open is filled in here, and is a prior."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from faces.errors import FaceError
from faces.expressions import EXPRESSION_SETS
from faces.motion.script import FRAMES, Script, ScriptSegment
from faces.motion.vocabulary import EXPRESSIONS

UFE_EXPRESSIONS: Mapping[str, str] = MappingProxyType(
    {
        "neutral": "neutral",
        "jaw_open_max": "jaw_drop",
        "jaw_open_slightly": "jawOpen=0.25",
        "wide_eyes": "wide_eyes",
        "closed_eyes": "closed_eyes",
        "cheek_puff": "cheek_puff",
        "big_smile": "big_smile",
        "brows_lowered_eyes_wide": "brows_down,eyeWideLeft=1,eyeWideRight=1",
        "brows_raised": "brows_up",
        "brows_lowered": "brows_down",
        "worried_brows": "worried_brows",
        "brow_left_raised": "brow_left_up",
        "brow_right_raised": "brow_right_up",
        "squeezed_eyes": "squeezed_eyes",
        "squint": "squint",
        "half_closed_eyes": "half_closed_eyes",
        "wink_left": "wink_left",
        "wink_right": "wink_right",
        "smile": "smile",
        "smile_left": "smile_left",
        "smile_right": "smile_right",
        "smile_jaw_open": "smile,jawOpen=0.6",
        "frown": "frown",
        "pout": "pout",
        "pucker": "pucker",
        "kiss_left": "kiss_left",
        "kiss_right": "kiss_right",
        "funnel": "funnel",
        "mouth_left": "mouth_left",
        "mouth_right": "mouth_right",
        "jaw_left": "jaw_left",
        "jaw_right": "jaw_right",
        "jaw_forward": "jaw_forward",
        "lips_pressed": "press",
        "lips_rolled_in": "lips_rolled_in",
        "lips_closed_jaw_open": "lips_closed_jaw_open",
        "teeth_shown": "teeth_shown",
        "upper_teeth_shown": "upper_teeth_shown",
        "lower_teeth_shown": "lower_teeth_shown",
        "nose_sneer": "nose_sneer",
        "tongue_out": "tongue_out",
        "surprise": "surprise",
        "scream": "scream",
    }
)
"""43 segments (UFE 5.1); the paper names jaw open max and slightly, cheek puff, brows lowered with widened eyes, and
the anchor candidates neutral, wide eyes and closed eyes. The rest is ours."""
UFE_ANCHORS = frozenset({"neutral", "jaw_open_max", "wide_eyes", "closed_eyes", "cheek_puff", "big_smile"})
"""Six, as in UFE 4.3.2, which names the first four; the last two are ours."""


def _expressions(names: Mapping[str, str], seconds: float, anchors: frozenset[str]) -> tuple[ScriptSegment, ...]:
    return tuple(ScriptSegment(name, "expression", seconds, pose, name in anchors) for name, pose in names.items())


def _many(stem: str, kind: str, count: int, seconds: float) -> tuple[ScriptSegment, ...]:
    return tuple(ScriptSegment(f"{stem}_{k + 1:02d}", kind, seconds / count) for k in range(count))


UFE_CAPTURE = Script(
    "ufe_capture",
    (
        *_expressions(UFE_EXPRESSIONS, 8.0, UFE_ANCHORS),
        *_many("sentence", "sentence", 14, 90.0),
        *_many("conversation", "mixed", 7, 90.0),
        ScriptSegment("range_of_motion", "range_of_motion", 40.0),
    ),
    rate_hz=72.0,
)
"""UFE 5.1: 43 expressions of 8 s; 21 sentences or conversations of 180 s together, here 14 and 7; 40 s of free range of
motion."""

REFA_SYNTHETIC = Script(
    "refa_synthetic",
    (
        ScriptSegment("independent", FRAMES, 400.0),
        *_many("expressions", "expression", 6, 180.0),
        *_many("speech", "sentence", 5, 150.0),
        *_many("range_of_motion", "range_of_motion", 3, 90.0),
        *_many("gaze", "gaze", 2, 60.0),
        *_many("blinks", "blink", 2, 40.0),
        *_many("conversation", "mixed", 2, 80.0),
    ),
    rate_hz=30.0,
)
"""REFA 6.3: 30,000 frames an identity at 30 Hz, from animations, with what is rare in real data added. The shares are
ours: two fifths independent frames, which are the most various."""

RECAPTURE_EXPRESSIONS: Mapping[str, str] = MappingProxyType(
    {name: name for name in ("neutral", *EXPRESSIONS) if not name.startswith("viseme_")}
    | {name: pose for name, pose in UFE_EXPRESSIONS.items() if pose not in ("neutral", *EXPRESSIONS)}
    | {name.removeprefix("viseme_"): name for name in EXPRESSIONS if name.startswith("viseme_")}
    | {
        "closed_eyes_jaw_drop": "closed_eyes,jaw_drop",
        "closed_eyes_pucker": "closed_eyes,pucker",
        "brows_up_pucker": "brows_up,pucker",
        "brows_up_smile": "brows_up,smile",
        "brows_down_teeth": "brows_down,teeth_shown",
        "wide_eyes_jaw_drop": "wide_eyes,jaw_drop",
        "wide_eyes_funnel": "wide_eyes,funnel",
        "squint_smile": "squint,smile",
        "squint_sneer": "squint,nose_sneer",
        "wink_left_jaw_drop": "wink_left,jaw_drop",
        "wink_right_jaw_drop": "wink_right,jaw_drop",
    }
)
"""73 peak expressions, as many as MIA 4.1 has; it names none."""

RECAPTURE = Script(
    "recapture",
    (
        *_expressions(RECAPTURE_EXPRESSIONS, 8.0, frozenset(EXPRESSION_SETS["anchors"])),
        *_many("range_of_motion", "range_of_motion", 2, 80.0),
        *_many("sentence", "sentence", 50, 250.0),
        *_many("conversation", "mixed", 5, 450.0),
    ),
    rate_hz=30.0,
    redrawn=("donning", "headset", "light", "beard"),
)
"""The same wearers again, with other donning, headset sample, light and beard. MIA 4.1 records 73 peak expressions, two
ranges of motion, 50 sentences and 5–10 minutes of conversation at 30 Hz, within 45 minutes; times are ours, with 8 s an
expression as in UFE, and so are the anchors, which are the set of `faces.expressions`."""

SCRIPTS: Mapping[str, Script] = MappingProxyType(
    {script.name: script for script in (REFA_SYNTHETIC, UFE_CAPTURE, RECAPTURE)}
)


def script(name: str) -> Script:
    """A preset by name.

    Raises:
        FaceError: there is none of that name; the message lists them.
    """
    if name not in SCRIPTS:
        raise FaceError(f"unknown script {name!r}. Scripts: {', '.join(SCRIPTS)}")
    return SCRIPTS[name]
