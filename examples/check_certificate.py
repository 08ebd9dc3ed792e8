"""Checks refutations by flat-minima without it: python3 check_certificate.py FILE... (saved counterexamples, evidence)
The definition is followed in exact fractions; docs/theory/setting.md#certificates proves the bound on rounding."""
import json, math, sys
from fractions import Fraction as F

def norm(*As): return math.hypot(*(a for A in As for row in A for a in row))
def times(A, B): return [[sum(a * b for a, b in zip(p, q)) for q in zip(*B)] for p in A]
def plus(A, B, c=1): return [[a + c * b for a, b in zip(p, q)] for p, q in zip(A, B)]
def grid(rows, count, width):  # NaN and infinities, which are words, count as infinite
    if len(rows) != count or any(len(row) != width for row in rows): raise ValueError("its matrices do not fit")
    return [[math.inf if isinstance(a, str) else F(a) for a in row] for row in rows]

def steps(c, n):  # distance of the run's end from n exact steps of the definition, and the bound on rounding
    d1, d2, r, bound = len(c["M"]), len(c["M"][0]), len(c["before"]["X"][0]), 0
    M, X, Y = grid(c["M"], d1, d2), grid(c["before"]["X"], d1, r), grid(c["before"]["Y"], d2, r)
    eta, sigma1, sigma2, u = F(c["eta"]), F(c["sigma1"]), F(c["sigma2"]), max(2**-53, float(c.get("u", 0)))
    for block in grid(c["noise"], n, (d1 + d2) * r) if sigma1 or sigma2 else [[0] * (d1 + d2) * r] * n:
        xi = iter(block)
        P, Q = ([[a + sigma * next(xi) for a in row] for row in A] for A, sigma in ((X, sigma1), (Y, sigma2)))
        R = plus(times(P, [*zip(*Q)]), M, -1)
        p, q, size = norm(P) + bound, norm(Q) + bound, norm(X, Y) + norm(P, Q) + 2 * bound
        slope = norm(R) + bound * (p + q)
        stretch = max(1 + eta * slope, eta * (p * p + q * q + slope) - 1)
        rounding = 2 * (d1 + d2 + r + 8 + 12 * (u > 2**-53)) * u * size * (1 + eta * (p * p + q * q + p * q + norm(M)))
        bound = stretch * bound + rounding + 1e-70  # the last for underflow, and as X and Y are rounded to 256 places
        X, Y = plus(X, times(R, Q), -eta), plus(Y, times([*zip(*R)], P), -eta)
        X, Y = ([[F(round(a * 2**256), 2**256) for a in row] for row in A] for A in (X, Y))
    return norm(plus(X, grid(c["after"]["X"], d1, r), -1), plus(Y, grid(c["after"]["Y"], d2, r), -1)), bound

def sides(c):  # whether two sides break their relation, and a sentence about it
    lhs, rhs = (c[side] if isinstance(c[side], list) else [[c[side]]] for side in ("lhs", "rhs"))
    sign, tolerance = {"=": 0, "<=": 1, ">=": -1}[c["relation"]], float(c["tolerance"])
    gaps = plus(grid(lhs, len(lhs), len(lhs[0])), grid(rhs, len(lhs), len(lhs[0])), -1)
    off = norm([[max(sign * a, 0) if sign else a for a in row] for row in gaps])
    text = f"{c['what']}: off by {off:.3g}, where {tolerance:.3g} is allowed (both sides are those in the file)"
    return not tolerance < 0 and not off <= min(tolerance, sys.float_info.max), text

def check(c, finding):  # whether it is as the certificate says, and a sentence about it
    try:
        if not isinstance(finding, str) and not sides(finding)[0]: raise ValueError("its two sides satisfy the claim")
        if c["kind"] == "sides": return sides(c)
        t, n, distance, bound = int(c["taken"]), int(sum(c["calls"])), float(c["distance"]), c["bound"]
        kind = c["kind"], c["relation"], c.get("u", 0) <= 2**-8, 1 <= n <= 64
        if kind != ("steps", ">", True, True): raise ValueError("it is not about 1 to 64 steps")
        what, (off, rounding) = f"step {t + 1}" if n == 1 else f"the run from step {t + 1} to {t + n}", steps(c, n)
        text = f"{what} is off by {off:.3g}, {off / rounding:.2g} times the bound on the rounding"
        if rounding <= bound < off and math.isclose(off, distance): return True, text
        return False, f"{text}, but the file states {distance:.3g} and a bound of {bound:.3g}"
    except Exception as error: return False, f"it is no certificate: {error!r}"

lines = []
for file in sys.argv[1:] or sys.exit(__doc__):
    try:
        d = json.load(open(file), parse_int=float)
        found = [(o["id"], o.get("refutation", {})) for o in d["claims"]] if "claims" in d else [(d["claim"], d)]
        results = [(f"{i}, {file}", *check(o["certificate"], o.get("finding"))) for i, o in found if "certificate" in o]
        lines += results or [(file, False, "it has no certificate: refutations of random claims have none")]
    except Exception as error: lines.append((file, False, f"it is no certificate: {error!r}"))
for where, good, text in lines: print(f"{'' if good else 'NOT '}confirmed: {text} ({where})")
sys.exit(not all(good for _, good, _ in lines))
