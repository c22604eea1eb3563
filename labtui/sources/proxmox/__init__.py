"""Proxmox VE over proxmoxer: one source per cluster."""

from labtui.sources.proxmox.probe import EndpointReport, MissingRight
from labtui.sources.proxmox.source import ProxmoxSource
from labtui.sources.proxmox.tasks import TaskStatus

__all__ = ["EndpointReport", "MissingRight", "ProxmoxSource", "TaskStatus"]
