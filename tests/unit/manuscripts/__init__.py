"""Manuscripts: everything in these tests is made by them, but for the five novels, which are tried when present."""
