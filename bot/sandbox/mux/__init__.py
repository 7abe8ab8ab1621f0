"""The local Mux."""
