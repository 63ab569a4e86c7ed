"""One thread: test processes share the cores, and OpenMP's threads wait for one another by spinning."""

from __future__ import annotations

import torch

torch.set_num_threads(1)
