"""Where things are kept: the unit of work and the event log, steps, leases, read views, and books as files.

``ports`` says what a store does; ``sql`` keeps it in SQLite or PostgreSQL, ``memory`` in process. Nothing here knows
Prefect, a prompt or a model.
"""
