"""Helpers of the course: small, tested, and readable where the course teaches them.

Importing the package is cheap (no NumPy, PyTorch, Keras or matplotlib is loaded), so that a
chapter in NumPy does not pay for TensorFlow.
"""

import os

# One thread a kernel: two threads on two busy cores were measured 25 times dearer than one.
# The libraries read these when they are first imported, hence before anything else.
for _name, _value in {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # its fusions print alarming, harmless errors for SimpleRNN
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KERAS_BACKEND": "tensorflow",
}.items():
    os.environ.setdefault(_name, _value)

__version__ = "0.1.0"
