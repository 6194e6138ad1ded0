"""Procedural multitrack music as training material; it never knows a model or a project."""
