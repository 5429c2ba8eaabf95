"""Repeatable measurements, each against a named baseline in the same run; the last figures stand in ``results/``."""
