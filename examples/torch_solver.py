"""Perturbed gradient descent in PyTorch, for `flat-minima verify --solver-command "python3 torch_solver.py"`.

Install: pip install torch, or apt-get install python3-torch. Automatic differentiation and torch.optim.SGD, in float64.
The lines of JSON are those of docs/protocol.md; descents of a batch that take the same number of steps on matrices of
the same shapes take them together, as parameters with one more axis.
"""
import json
import sys
from itertools import groupby

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
descents = {}


def advance(group, steps, normals):
    M, X, Y = (torch.stack([descent[name] for descent in group]) for name in ("target", "X", "Y"))
    X.requires_grad_()
    Y.requires_grad_()
    optimizer = torch.optim.SGD([X, Y], lr=group[0]["stepSize"])
    for step in range(steps):
        P, Q = X, Y
        if group[0]["noise"] is not None:
            n = X.shape[1] + Y.shape[1]
            z = torch.randn(len(group), n, X.shape[2]) if normals is None else normals.view(len(group), steps, n, -1)[:, step]
            P = X + group[0]["noise"]["sigma1"] * z[:, : X.shape[1]]
            Q = Y + group[0]["noise"]["sigma2"] * z[:, X.shape[1] :]
        optimizer.zero_grad()
        loss = ((P @ Q.mT - M) ** 2).sum() / 2
        loss.backward()
        optimizer.step()
    for descent, descent["X"], descent["Y"] in zip(group, X.detach(), Y.detach()):
        pass


def alike(request):
    """Requests with the same key are computed together."""
    descent = descents[request["descent"]]
    scales = descent["noise"] or {"sigma1": -1, "sigma2": -1}
    shapes = [list(descent[name].shape) for name in ("X", "Y")]
    return shapes, descent["stepSize"], *scales.values(), request["advance"], bool(request.get("normals"))


def answer_all(requests):
    for request in requests:
        if "target" in request:
            matrices = {name: torch.tensor(request[name], dtype=torch.float64) for name in ("target", "X", "Y")}
            descents[request["descent"]] = {**request, **matrices}
            descents.pop(request["descent"] - 1000, None)
    advances = sorted((request for request in requests if "advance" in request), key=alike)
    for _, group in groupby(advances, alike):
        group = list(group)
        normals = torch.tensor([request["normals"] for request in group]) if group[0].get("normals") else None
        advance([descents[request["descent"]] for request in group], group[0]["advance"], normals)
    iterates = [descents[request["descent"]] for request in requests]
    return [{"X": at["X"].tolist(), "Y": at["Y"].tolist()} for at in iterates]


for line in sys.stdin:
    request = json.loads(line)
    batch = request.get("batch")
    answer = {"batch": answer_all(batch)} if batch else {**answer_all([request])[0], "batch": True}
    print(json.dumps(answer), flush=True)
