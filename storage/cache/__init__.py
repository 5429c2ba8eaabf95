"""The cache: what may be lost, what expires, and what processes tell each other.

``ports`` says what a cache does; ``memory`` keeps it in this process, ``sql`` in the SQL database for processes that
share one, ``redis`` in Redis. ``views`` keeps read views beside the store, until an event makes them stale.
"""
