"""How faces move: blinks, eye movements, speech-like visemes, expressions, range of motion; scripts of captures."""

from faces.motion.frames import Frame, draw_expression
from faces.motion.presets import SCRIPTS, script
from faces.motion.priors import MotionPriors
from faces.motion.script import Script, ScriptSegment, draw_segment
from faces.motion.segment import Segment
from faces.motion.sequence import KINDS, Motion, Sequence, draw_motion, draw_sequence

__all__ = [
    "KINDS",
    "SCRIPTS",
    "Frame",
    "Motion",
    "MotionPriors",
    "Script",
    "ScriptSegment",
    "Segment",
    "Sequence",
    "draw_expression",
    "draw_motion",
    "draw_segment",
    "draw_sequence",
    "script",
]
