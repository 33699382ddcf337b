"""Galen: one system in which a clinic, its pharmacy and its patients meet."""

__version__ = "0.1.0"
