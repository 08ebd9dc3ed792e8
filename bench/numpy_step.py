"""Prints the CPU time of a perturbed step in NumPy, in ns: numpy_step.py FORM D1 D2 R STEPS, FORM one of `forms`, or
normals (only the random numbers of a step). STEPS steps are taken 5 times, and the quickest count. Targets have
rank R."""
import sys
import time

import numpy as np


def textbook(M, U, V, X, Y):
    residual = X @ Y.T - M
    return residual @ Y, residual.T @ X


def dense(M, U, V, X, Y):
    return X @ (Y.T @ Y) - M @ Y, Y @ (X.T @ X) - M.T @ X


def thin(M, U, V, X, Y):
    return X @ (Y.T @ Y) - U @ (V.T @ Y), Y @ (X.T @ X) - V @ (U.T @ X)


forms = {"textbook": textbook, "dense": dense, "thin": thin}


def run(gradient, target, X, Y, steps, sigma=0.01, eta=0.01):
    for _ in range(steps):
        perturbed_x = X + sigma * noise.standard_normal(X.shape)
        perturbed_y = Y + sigma * noise.standard_normal(Y.shape)
        slope_x, slope_y = gradient(*target, perturbed_x, perturbed_y)
        X, Y = X - eta * slope_x, Y - eta * slope_y
    assert np.isfinite(X).all()


def factor(rows, rank):
    return noise.standard_normal((rows, rank)) / np.sqrt(rows)


d1, d2, rank, steps = map(int, sys.argv[2:])
noise = np.random.default_rng(1)
U, V = factor(d1, rank), factor(d2, rank)
problem = (U @ V.T, U, V), factor(d1, rank), factor(d2, rank)


def work(count):
    if sys.argv[1] == "normals":
        for _ in range(count):
            noise.standard_normal((d1 + d2, rank))
    else:
        run(forms[sys.argv[1]], *problem, steps=count)


def spent(count):
    began = time.process_time_ns()
    work(count)
    return time.process_time_ns() - began


work(2)
print(min(spent(steps) for _ in range(5)) / steps)
