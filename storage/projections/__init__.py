"""Projections: what is rebuilt from the log, and how far each has come.

``ports`` says how positions are kept; ``pending`` works out what a projection has still to do; ``relations`` says
what a chapter puts into the graph; ``graph`` and ``passages`` carry it out, ``content`` says what stands there.
"""
