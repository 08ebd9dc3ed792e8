"""Perturbed gradient descent in NumPy, for `flat-minima verify --solver-command "python3 numpy_solver.py"`.

Reads one JSON request a line, answers each with the iterate as one line of JSON (docs/protocol.md).
"""
import json
import sys

import numpy as np


class Descent:
    def __init__(self, request):
        self.target = np.array(request["target"], float)
        self.X = np.array(request["X"], float)
        self.Y = np.array(request["Y"], float)
        self.step_size = request["stepSize"]
        self.noise = request["noise"]
        self.random = np.random.default_rng()

    def advance(self, steps, normals):
        blocks = iter(np.array(normals).reshape(steps, -1)) if normals else None
        for _ in range(steps):
            self.step(next(blocks) if blocks is not None else None)

    def step(self, normals):
        X, Y = self.X, self.Y
        if self.noise is not None:
            if normals is None:
                normals = self.random.standard_normal(X.size + Y.size)
            # xi1 row by row, then xi2 row by row.
            X = X + self.noise["sigma1"] * normals[: X.size].reshape(X.shape)
            Y = Y + self.noise["sigma2"] * normals[X.size :].reshape(Y.shape)
        residual = X @ Y.T - self.target
        self.X = self.X - self.step_size * residual @ Y
        self.Y = self.Y - self.step_size * residual.T @ X


def main(kind=Descent):
    descents = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "target" in request:
            descents[request["descent"]] = kind(request)
            descents.pop(request["descent"] - 1000, None)
        else:
            descents[request["descent"]].advance(request["advance"], request.get("normals"))
        at = descents[request["descent"]]
        print(json.dumps({"X": at.X.tolist(), "Y": at.Y.tolist()}), flush=True)


if __name__ == "__main__":
    main()
