"""The local Slack."""
