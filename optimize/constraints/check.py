"""All constraints of a search space on a layout."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from headsets.errors import HeadsetError
from headsets.eye_safety import burn_weight
from optimize.constraints import apart, counts, eye_safety, power, view
from optimize.constraints.candidate import MM, Candidate, candidate
from optimize.constraints.margin import Margin
from optimize.constraints.rooms import Room, room_names, rooms_of
from optimize.constraints.worn_faces import WornFaces
from optimize.space.space import Space

BUILDABLE = "buildable"
"""Whether there is a headset at all; always asked, and counts more than all others together."""
LAYOUT_CONSTRAINTS = (apart.NAME, view.NAME, power.NAME, eye_safety.NAME, counts.NAME)


class Checker:
    """Set up once for a space and its wearers; then a layout takes milliseconds."""

    def __init__(self, space: Space, faces: WornFaces | None) -> None:
        """Work out what does not change.

        Args:
            faces: None: wearers are not posed yet, and constraints that ask about them are left out; a layout that
                breaks one of the others is infeasible all the same.

        Raises:
            HeadsetError: an emitter whose light the eye safety limits do not cover, unless they are ignored.
        """
        self.space, self.faces = space, faces
        self.limits = space.search.limits
        rooms = rooms_of(space.base, faces, self.limits.clearance_mm * MM)
        self.rooms: list[Room] = [room for room in rooms if room.name not in self.limits.ignore]
        self.view = None if faces is None else view.OpenView(space.base, faces)
        if eye_safety.NAME not in self.limits.ignore:
            for name, emitter in space.spec.emitters.items():
                try:
                    burn_weight(emitter.wavelength_nm)
                except HeadsetError as error:
                    raise HeadsetError(f"{error} (emitters.{name}; or ignore: [eye_safety])") from None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the constraints that apply, whether wearers are posed or not."""
        known = (*room_names(self.space.base), *LAYOUT_CONSTRAINTS)
        unset = {power.NAME} if self.limits.led_power_mw is None else set()
        return tuple(name for name in known if name not in self.limits.ignore | unset)

    def candidate(self, spec: object) -> Candidate:
        """See `optimize.constraints.candidate`."""
        return candidate(self.space, spec)  # type: ignore[arg-type]

    def room_margins(self, points: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Constraint -> margins of points (N, 3), m, device frame: (N,), mm."""
        return {room.name: (room.distance(points) / MM) - self.limits.clearance_mm for room in self.rooms}

    def margins(self, layout: Candidate) -> dict[str, Margin]:
        """Constraint -> margin of those that can be measured; where no headset has such parts, `BUILDABLE` is there."""
        found: dict[str, Margin] = {}
        if len(layout.names):
            for name, values in self.room_margins(layout.positions).items():
                worst = int(values.argmin())
                found[name] = Margin(name, float(values[worst]), "mm", layout.part(worst))
        ignore, headset = self.limits.ignore, layout.headset
        if counts.NAME not in ignore:
            found[counts.NAME] = counts.within_counts(layout, self.space.search)
        if apart.NAME not in ignore and (gap := apart.apart(layout, self.limits)) is not None:
            found[apart.NAME] = gap
        if headset is None:
            return {**found, BUILDABLE: Margin(BUILDABLE, -1.0, "built")}
        if (
            self.view is not None
            and view.NAME not in ignore
            and (sight := self.view.margin(headset, self.limits)) is not None
        ):
            found[view.NAME] = sight
        if power.NAME not in ignore and (budget := power.power_left(headset, self.limits)) is not None:
            found[power.NAME] = budget
        if self.faces is not None and eye_safety.NAME not in ignore:
            found[eye_safety.NAME] = eye_safety.eyes_left(headset, self.faces, self.limits)
        return found

    def violations(self, margins: Mapping[str, Margin]) -> dict[str, float]:
        """Constraint -> violation as samplers take it, of the same constraints for every layout, as they want it: what
        a layout has no margin of counts as kept."""
        names = (*self.names, BUILDABLE)
        return {name: margins[name].violation if name in margins else 0.0 for name in names}
