"""A simulated storage node: writes a log and serves the console API as the real one does, the same for each seed."""
