"""The HTTP interface: it triggers runs and reads views, and writes no story itself. Only `launcher` talks to Prefect."""
