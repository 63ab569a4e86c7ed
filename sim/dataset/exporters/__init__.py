"""Data sets in other tools' forms: one file a form."""
