"""Tests of the RouterOS source."""
