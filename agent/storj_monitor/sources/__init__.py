"""What reads the outside world: logs, the node's APIs, the host. Each source ends in facts (`core.facts`)."""
