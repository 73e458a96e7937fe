"""Simulated data of the demonstration edition, from a stated truth."""
