"""One questionnaire, defined once, carried to a result that a stranger can reproduce."""

__version__ = "0.1.0"
