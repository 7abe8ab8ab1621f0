"""Values in, Block Kit out. Performs no I/O."""
