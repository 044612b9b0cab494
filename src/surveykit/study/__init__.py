"""Runs a study.yaml: the only place where the questionnaire arm and the analysis arm meet."""
