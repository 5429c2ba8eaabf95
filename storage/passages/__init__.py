"""Passages: the text of chapters, cut to be found again by meaning and by words.

``ports`` says what the stores do: ``Texts`` keeps passages, the index of their words and the vectors made of them in
the SQL database, ``Nearest`` finds passages by vector (Milvus Lite, Milvus, memory). ``cutting`` cuts chapters,
``words`` makes terms of text, ``embedding`` makes vectors, ``searching`` puts them together.
"""
