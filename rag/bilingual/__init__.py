"""The translation table: what lets a question in one language meet a passage in the other without a model."""
