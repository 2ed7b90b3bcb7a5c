"""Matches: one module for each, none imports another."""
