"""Fit, cross-validate and store a ridge logistic regression."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from idphoto.output.files import write_files

if TYPE_CHECKING:
    from pathlib import Path

FOLDS = 5
GRADIENT_STEPS = 300
LEARNING_RATE = 2.0
RIDGE = 3e-3


def fold_of(name: str) -> int:
    """Return the fold in which a person is held out, by a hash of the name."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % FOLDS


def fit(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Fit a logistic regression in which both classes have the same weight.

    Parameters
    ----------
    x : ndarray, shape (samples, features)
    y : ndarray of bool, shape (samples,)

    Returns
    -------
    mean, weights : ndarray of float64, shape (features,)
    bias : float
        The log odds of a sample are ``(x - mean) @ weights + bias``.
    """
    x, y = x.astype(np.float64), y.astype(np.float64)
    mean = x.mean(axis=0)
    x -= mean
    balance = np.where(y > 0, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    weights, bias = np.zeros(x.shape[1]), 0.0
    for _ in range(GRADIENT_STEPS):
        error = balance * (1 / (1 + np.exp(-(x @ weights + bias))) - y)
        weights -= LEARNING_RATE * (x.T @ error / len(y) + RIDGE * weights)
        bias -= LEARNING_RATE * error.mean()
    return mean, weights, bias


def save_model(path: Path, model: tuple[np.ndarray, np.ndarray, float], **more: np.ndarray) -> None:
    """Store a fitted model as `idphoto.quality.gradients.log_odds` reads it.

    The file is complete before it gets its name. If anything fails, a file that was there stays as it was.

    Parameters
    ----------
    path : Path
        ``.npz`` file.
    model : tuple
        Mean, weights and bias, from `fit`.
    more : ndarray
        Further arrays of the file, by name.
    """
    mean, weights, bias = model
    save_arrays(path, {"weights": weights.astype(np.float32), "bias": np.float32(bias - mean @ weights), **more})


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Store arrays by name. The file is complete before it gets its name."""
    content = BytesIO()
    np.savez_compressed(content, **arrays)
    write_files({path: content.getvalue()}, force=True)
