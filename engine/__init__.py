"""The engine: models and tasks on audio; it knows nothing of projects, bars or hosts."""
