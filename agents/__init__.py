"""Who thinks: the agent contract, the agents, their prompts, the registry, the context compiler, the model gateway.

An agent turns a frozen request into an answer by asking a model. Nothing here knows Prefect, a database or a
setting: whoever calls hands in the model and the ledger of steps.
"""
