"""The graph of a novel: who and what is in it and how they relate, as of a chapter.

``ports`` says what a graph does; ``sql`` keeps it in tables of the SQL database, ``neo4j`` in Neo4j, ``memory`` in
process. ``network`` works out centrality and communities with NetworkX. What a novel's graph holds is decided
in ``storage.projections.relations``, from the log alone.
"""
