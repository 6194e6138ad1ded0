"""Timed lyrics as files: LRC, subtitles, MIDI, REAPER, JSON. Exact times in, text or bytes out.

Knows the grid; knows no engine, job or socket.
"""
