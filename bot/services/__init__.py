"""One function, one transaction; waits for the disk only."""
