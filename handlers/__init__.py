"""Doors: what comes in and goes straight back."""
