"""Each worker is a step() -> int; the only room that waits for vendors."""
