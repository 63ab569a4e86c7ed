"""Glasses, fitted to the wearer's nose and ears."""
