"""Caption Bot: a self-hosted Slack app that runs Mux Robots generate-premium-captions jobs."""

__version__ = "0.1.0"
