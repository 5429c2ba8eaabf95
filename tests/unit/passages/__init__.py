"""Passages: cutting, embedding."""
