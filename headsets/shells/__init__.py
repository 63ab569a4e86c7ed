"""Generators of housings, for headsets whose CAD is not to be had."""
