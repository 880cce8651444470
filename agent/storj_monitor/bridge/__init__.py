"""Talks to browsers: the static page, the WebSocket, who may come in."""
