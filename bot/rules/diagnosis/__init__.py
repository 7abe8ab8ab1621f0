"""What `caption-bot doctor` finds, judged: facts in, findings in words out. Performs no I/O."""
