"""A local Slack and a local Mux behind their real wire formats; imports nothing of the bot."""
