"""The HTTP interface: it triggers runs and reads views, and writes no story itself.

It imports `storage` and `story`; only its `launcher` will talk to Prefect.
"""
