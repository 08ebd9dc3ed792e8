"""Perturbed gradient descent in NumPy, for `flat-minima verify --solver-command "python3 numpy_solver.py"`.

Reads one JSON request per line, answers each with one line of JSON (docs/protocol.md). Descents of one batch that take
the same number of steps on matrices of the same shapes take them together: their matrices are stacked.
"""
import json
import sys
from itertools import groupby

import numpy as np

np.seterr(all="ignore")  # some claims let a run diverge: its entries say so
random = np.random.default_rng()
CHUNK = 1000  # steps whose noise is drawn at a time


class Descent:
    def __init__(self, request):
        self.target, self.X, self.Y = (np.array(request[name], float) for name in ("target", "X", "Y"))
        self.step_size = request["stepSize"]
        self.noise = request["noise"]


def advance(descents, steps, normals):
    """`normals` has a row of numbers for each descent; if it is None, they are drawn here."""
    M, X, Y = (np.stack([getattr(descent, name) for descent in descents]) for name in ("target", "X", "Y"))
    eta = column(descent.step_size for descent in descents)
    for first in range(0, steps, CHUNK):
        last = min(first + CHUNK, steps)
        for xi1, xi2 in perturbations(descents, first, last, normals):
            P, Q = X + xi1, Y + xi2
            residual = eta * (P @ Q.swapaxes(1, 2) - M)
            X, Y = X - residual @ Q, Y - residual.swapaxes(1, 2) @ P
    for descent, descent.X, descent.Y in zip(descents, X, Y):
        pass


def perturbations(descents, first, last, normals):
    """xi1 and xi2 of each of the steps, for all descents: first the numbers of xi1, row by row, then those of xi2."""
    if descents[0].noise is None:
        return [(0, 0)] * (last - first)
    (d1, r), d2 = descents[0].X.shape, len(descents[0].Y)
    shape = (len(descents), -1, d1 + d2, r)
    if normals is None:
        z = random.standard_normal((len(descents), last - first, d1 + d2, r))
    else:
        z = normals.reshape(shape)[:, first:last]
    z = z.swapaxes(0, 1)
    sigma1, sigma2 = (column(descent.noise[name] for descent in descents) for name in ("sigma1", "sigma2"))
    return zip(sigma1 * z[:, :, :d1], sigma2 * z[:, :, d1:])


def column(numbers):
    """One number for each of the stacked matrices."""
    return np.array(list(numbers)).reshape(-1, 1, 1)


class Program:
    def __init__(self, kind):
        self.kind = kind
        self.descents = {}

    def answer(self, request):
        if "batch" in request:
            return {"batch": self.answer_all(request["batch"])}
        return {**self.answer_all([request])[0], "batch": True}

    def answer_all(self, requests):
        """No descent occurs twice among them."""
        for request in requests:
            if "target" in request:
                self.start(request)
        advances = sorted((request for request in requests if "advance" in request), key=self.alike)
        for _, group in groupby(advances, self.alike):
            group = list(group)
            normals = np.array([request["normals"] for request in group]) if group[0].get("normals") else None
            advance([self.descents[request["descent"]] for request in group], group[0]["advance"], normals)
        return [self.iterate(request["descent"]) for request in requests]

    def start(self, request):
        self.descents[request["descent"]] = self.kind(request)
        self.descents.pop(request["descent"] - 1000, None)

    def alike(self, request):
        """Requests with the same key are computed together."""
        descent = self.descents[request["descent"]]
        return descent.X.shape, len(descent.Y), descent.noise is None, request["advance"], bool(request.get("normals"))

    def iterate(self, number):
        return {"X": self.descents[number].X.tolist(), "Y": self.descents[number].Y.tolist()}


def main(kind=Descent):
    program = Program(kind)
    for line in sys.stdin:
        print(json.dumps(program.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
