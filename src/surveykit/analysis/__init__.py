"""Frames in, frozen results out; knows no questionnaire and no report."""
