"""Mux: its wire facts (pure) and the one client that sends."""
