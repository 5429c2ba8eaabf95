"""Prefect tasks: a thin wrapper per agent and per store operation, retry and cache policies, and the workers' wiring.

What a task does is decided elsewhere: agents think, storage keeps, flows say what comes next.
"""
