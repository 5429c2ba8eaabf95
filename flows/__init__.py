"""Prefect flows: they interpret decisions until a novel is done, and run batches. No rule of the story lives here."""
