"""Training of the miniature: corpus, models, evaluation."""
