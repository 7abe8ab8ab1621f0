"""A local Slack workspace: the Web API towards the bot, and people who type, press and submit."""
