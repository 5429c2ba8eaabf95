"""The vocabulary of novels, pure: premise, world, cast, outline, chapter, canon, events, continuity rules.

Here live frozen values and the functions that decide something about them. Nothing here reads a file, a clock,
a setting or a network, and nothing is imported but pydantic and the standard library.
"""
