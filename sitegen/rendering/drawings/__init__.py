"""Diagrams that are written as text, drawn by the tools of the machine."""
