"""Where one was before: what `back` returns to from a view at its full size. Pure."""

from __future__ import annotations

from typing import NamedTuple

OVERVIEW = "overview"
_LONGEST = 20


class Spot(NamedTuple):
    """A place (`overview` or the id of the view that fills the desk) and the view in force.

    `details` is the key of the object whose details were open, empty when none were; `passing` says
    that they had been opened from elsewhere.
    """

    place: str
    view: str
    details: str = ""
    passing: bool = False


class Trail:
    """The spots that were left, the last one at the end; each place once."""

    def __init__(self) -> None:
        self._spots: list[Spot] = []

    def leave(self, spot: Spot, place: str) -> None:
        """That spot is left for another place; the way back does not go through it twice."""
        if spot.place != place:
            kept = [old for old in self._spots if old.place not in (spot.place, place)]
            self._spots = [*kept, spot][-_LONGEST:]

    def back(self, place: str) -> Spot:
        """The spot to return to from that place; the overview when there is none."""
        while self._spots:
            spot = self._spots.pop()
            if spot.place != place:
                return spot
        return Spot(OVERVIEW, "")

    def home(self) -> str:
        """The view that was in force on the overview, empty when not known; forgets the rest."""
        views = [spot.view for spot in self._spots if spot.place == OVERVIEW]
        self._spots = []
        return views[-1] if views else ""
