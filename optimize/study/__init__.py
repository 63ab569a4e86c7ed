"""The search itself: an Optuna study over a space, with constraints, rising fidelity, workers and resuming."""
