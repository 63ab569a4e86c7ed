"""Encoders: networks that read expressions off camera images, their training and their evaluation (docs/encoders.md).

torch and onnxruntime come with the extra `hmcsim[train]`; metrics need numpy alone.
"""
