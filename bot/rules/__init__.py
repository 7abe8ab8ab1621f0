"""What is true without looking: grammar, the job machine, languages, limits. Performs no I/O."""
