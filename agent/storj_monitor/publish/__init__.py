"""Topics and payloads: what is told, and how it reaches MQTT."""
