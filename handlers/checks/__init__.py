"""What `caption-bot doctor` looks at: each check asks one thing, within seconds, and changes nothing."""
