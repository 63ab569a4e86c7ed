"""Names, units and number formats of objectives and parameters, as people read them."""

from __future__ import annotations

from dataclasses import dataclass

from hmcsim.metric_names import METRIC_LABELS
from hmcsim.report.pictures import readable
from optimize.objectives.objective import MAXIMIZE, Objective

STATISTICS = {"mean": "mean", "p5": "5th percentile"}
PLAIN = {
    "cameras": "Cameras",
    "leds": "LEDs",
    "power_mw": "LED power",
    "observability_mm": "Observability",
    "bits": "Information",
}
SCORES = {"range_of_motion_rms_px": "range of motion, RMS", "keypoints_dropped": "keypoints dropped"}
COUNTS = ("cameras", "leds")


@dataclass(frozen=True)
class ObjectiveLabel:
    """How an objective is shown.

    Attributes:
        key: the objective's name.
        title: such as "Mouth: visible share, mean".
        phrase: such as "visible share of the mouth".
        more: whether more is better.
        digits: after the point; None: four figures.
        unseen: the value where no camera sees the region; None: there is no such.
    """

    key: str
    title: str
    phrase: str
    unit: str
    more: bool
    digits: int | None
    unseen: float | None

    @property
    def axis(self) -> str:
        """For a plot's axis."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    @property
    def better(self) -> str:
        """In words."""
        return "more is better" if self.more else "less is better"

    def number(self, value: float) -> str:
        """A value, with a true minus sign."""
        text = f"{value:.4g}" if self.digits is None else f"{value:.{self.digits}f}"
        return text.replace("-", "−")

    def change(self, value: float, start: float) -> str:
        """How far a value is from another, in per cent; the plain difference for counts, or where the other is 0."""
        if value == start:
            return "±0"
        if self.key in COUNTS or start == 0:
            sign = "+" if value > start else ""
            return f"{sign}{self.number(value - start)}"
        text = f"{100 * (value - start) / abs(start):+.1f} %"
        return "±0.0 %" if text[1:] == "0.0 %" else text.replace("-", "−")

    def verdict(self, value: float, start: float) -> str:
        """ "better", "worse" or "" than another value."""
        if self.change(value, start).startswith("±"):
            return ""
        return "better" if (value > start) == self.more else "worse"


def objective_label(objective: Objective) -> ObjectiveLabel:
    """The label of an objective."""
    score, _, statistic = objective.name.partition(":")
    group, dot, metric = score.partition(".")
    digits = None
    if not dot:
        title = PLAIN.get(score, readable(score).capitalize())
        phrase = title if title[1].isupper() else title[0].lower() + title[1:]
        phrase = f"number of {phrase}" if score in COUNTS else phrase
        digits = 0 if score in COUNTS else METRIC_LABELS[score].digits if score in METRIC_LABELS else None
    else:
        label = METRIC_LABELS.get(metric)
        name = SCORES.get(metric) or (label.name.lower() if label is not None else readable(metric))
        digits = label.digits if label is not None else None
        title, phrase = f"{readable(group).capitalize()}: {name}", f"{name} of the {readable(group)}"
        title += f", {STATISTICS[statistic]}" if statistic in STATISTICS else ""
        phrase = f"5th percentile of the {phrase}" if statistic == "p5" else phrase
    more = objective.direction == MAXIMIZE
    return ObjectiveLabel(
        objective.name, title, phrase, objective.unit, more, digits, objective.worst if objective.faces else None
    )


def parameter_label(name: str) -> str:
    """ "cameras.mouth_left.x_mm" -> "mouth left camera, x (mm)"."""
    section, part, key = name.split(".", 2)
    what, _, unit = key.rpartition("_")
    shown = f"{readable(what)} ({unit})" if unit in ("mm", "deg") else readable(key)
    return f"{part_label(section, part)}, {shown}"


def coordinate_label(name: str) -> str:
    """ "azimuth_deg" -> "azimuth, deg"."""
    what, _, unit = name.rpartition("_")
    return f"{readable(what)}, {unit}"


def part_label(section: str, part: str) -> str:
    """ "cameras", "mouth_left" -> "mouth left camera"."""
    return f"{readable(part)} {'camera' if section == 'cameras' else 'LED'}"
