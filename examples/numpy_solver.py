"""Perturbed gradient descent in NumPy, for `flat-minima verify --solver-command "python3 numpy_solver.py"`.

Reads one JSON request per line, answers each with one line of JSON (docs/protocol.md), several requests in a line too.
"""
import json
import sys

import numpy as np

np.seterr(all="ignore")  # some claims let a run diverge: its entries say so
random = np.random.default_rng()
CHUNK = 1000  # steps whose noise is drawn at a time


class Descent:
    def __init__(self, request):
        self.target, self.X, self.Y = (np.array(request[name], float) for name in ("target", "X", "Y"))
        self.step_size = request["stepSize"]
        self.noise = request["noise"]

    def advance(self, steps, normals=None):
        M, X, Y, eta = self.target, self.X, self.Y, self.step_size
        for xi1, xi2 in self.perturbations(steps, normals):
            P, Q = X + xi1, Y + xi2
            residual = eta * (P.dot(Q.T) - M)
            X, Y = X - residual.dot(Q), Y - residual.T.dot(P)
        self.X, self.Y = X, Y

    def perturbations(self, steps, normals):
        """xi1 and xi2 of each step: first the numbers of xi1, row by row, then those of xi2. Not sent, they are drawn."""
        if self.noise is None:
            yield from [(0, 0)] * steps
            return
        (d1, r), d2 = self.X.shape, len(self.Y)
        sent = np.reshape(normals, (-1, d1 + d2, r)) if normals else None
        for first in range(0, steps, CHUNK):
            last = min(first + CHUNK, steps)
            z = random.standard_normal((last - first, d1 + d2, r)) if sent is None else sent[first:last]
            yield from zip(self.noise["sigma1"] * z[:, :d1], self.noise["sigma2"] * z[:, d1:])


class Program:
    def __init__(self, kind):
        self.kind = kind
        self.descents = {}

    def answer(self, request):
        if "batch" in request:
            return {"batch": [self.iterate(each) for each in request["batch"]]}
        return {**self.iterate(request), "batch": True}

    def iterate(self, request):
        number = request["descent"]
        if "target" in request:
            self.descents[number] = self.kind(request)
            self.descents.pop(number - 1000, None)
        else:
            self.descents[number].advance(request["advance"], request.get("normals"))
        return {"X": self.descents[number].X.tolist(), "Y": self.descents[number].Y.tolist()}


def main(kind=Descent):
    program = Program(kind)
    for line in sys.stdin:
        print(json.dumps(program.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
