"""Other labs than the default one: with a branch that runs RouterOS 6, and with sixty routers."""

from __future__ import annotations

from dataclasses import replace

from labtui.demo.lab import Lab, Link, Site
from labtui.demo.standard_lab import default_lab

BRANCH = Site("b1", "10.121.190.0/24", 65190, "rt-b1", "198.51.100.90", "6.49.17 (long-term)")


def branch_lab() -> Lab:
    """The default lab and one more site."""
    lab = default_lab()
    return replace(lab, sites=(*lab.sites, BRANCH))


def large_lab(count: int = 60) -> Lab:
    """A ring of routers with a link to the first one from each of them."""
    sites = tuple(
        Site(
            f"s{number}",
            f"10.{200 + number // 200}.{number % 200}.0/24",
            64600 + number,
            f"rt-{number}",
            f"198.18.{number}.1",
            "7.20.4 (stable)",
        )
        for number in range(count)
    )
    links = tuple(
        Link(
            number + 1,
            f"s{number}",
            f"s{(number + 1) % count}",
            f"10.254.{number}.0/31",
        )
        for number in range(count)
    )
    return replace(default_lab(0), sites=sites, links=links, nodes=(), mappings=())
