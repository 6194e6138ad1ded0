"""The planner: ACE-Step's 5 Hz language model, which writes metadata, captions, lyrics and audio codes."""
