"""The messages between a DAW script and Barline: bytes in, values out.

Opens no socket, reads no clock, and knows nothing of jobs, audio or models.
"""
