"""Command line and report of hmcsim."""
