"""Results become tables, sentences, figures and pages."""
