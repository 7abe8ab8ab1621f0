"""The page that people see the local Slack through."""
