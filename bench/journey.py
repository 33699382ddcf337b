"""One patient's way through the house, nine steps over HTTP: what it costs, and that its answers are right."""
