"""How models are reached: names, providers, outcomes, and the gateway that every call goes through."""
