"""How Scriptorium is run: the command line, the bootstrap of work pools and deployments, and files for servers."""
