"""What is asked: questionnaires read from YAML, in all their languages."""
