"""Smooth random figures as a function of time: the same seed and second give the same value.

Because a figure is a function and not a state, the history of an hour ago and the value of now come
from one place and always fit together.
"""

from __future__ import annotations

from math import floor

_MASK = 0xFFFFFFFF


def uniform(seed: int, key: int, step: int) -> float:
    """A number in [0, 1) that looks random and depends on its three arguments only."""
    value = (seed * 0x9E3779B1 ^ key * 0x85EBCA6B ^ step * 0xC2B2AE35) & _MASK
    value ^= value >> 16
    value = value * 0x7FEB352D & _MASK
    value ^= value >> 15
    value = value * 0x846CA68B & _MASK
    value ^= value >> 16
    return value / (_MASK + 1)


def smooth(seed: int, key: int, at: float, period: float) -> float:
    """A curve in [0, 1) through one random point per `period` seconds."""
    place = at / period
    step = floor(place)
    part = place - step
    part = part * part * (3 - 2 * part)
    first = uniform(seed, key, step)
    return first + (uniform(seed, key, step + 1) - first) * part


def wander(seed: int, key: int, at: float) -> float:
    """A curve in [0, 1): a slow wave of a quarter of an hour and a quick one of half a minute."""
    return 0.65 * smooth(seed, key, at, 900.0) + 0.35 * smooth(seed, key ^ 0x5BD1, at, 37.0)
