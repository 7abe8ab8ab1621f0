"""Slack's Web API: maps its errors to ours and holds its rate tiers as data."""
