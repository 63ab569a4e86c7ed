"""The hardware: headset files, lens models, LED profiles, sensors, shell and keep-outs, donning."""
