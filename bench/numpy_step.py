"""Prints the ns per perturbed step in NumPy: numpy_step.py FORMULA D1 D2 R STEPS, FORMULA one of `formulas`."""
import sys
import time

import numpy as np


def textbook(M, X, Y):
    residual = X @ Y.T - M
    return residual @ Y, residual.T @ X


def residual_free(M, X, Y):
    return X @ (Y.T @ Y) - M @ Y, Y @ (X.T @ X) - M.T @ X


formulas = {"textbook": textbook, "residual-free": residual_free}


def run(gradient, M, X, Y, steps, sigma=0.01, eta=0.01):
    for _ in range(steps):
        perturbed_x = X + sigma * noise.standard_normal(X.shape)
        perturbed_y = Y + sigma * noise.standard_normal(Y.shape)
        slope_x, slope_y = gradient(M, perturbed_x, perturbed_y)
        X, Y = X - eta * slope_x, Y - eta * slope_y
    assert np.isfinite(X).all()


def start(rows, rank):
    return noise.standard_normal((rows, rank)) / np.sqrt(rows)


gradient = formulas[sys.argv[1]]
d1, d2, rank, steps = map(int, sys.argv[2:])
noise = np.random.default_rng(1)
problem = np.full((d1, d2), 1 / np.sqrt(d1 * d2)), start(d1, rank), start(d2, rank)
run(gradient, *problem, steps=2)
began = time.perf_counter_ns()
run(gradient, *problem, steps=steps)
print((time.perf_counter_ns() - began) / steps)
