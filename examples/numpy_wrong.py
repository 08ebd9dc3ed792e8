"""The same solver with a mistake: the scales of the two blocks of noise are exchanged. `verify` refutes it."""
import numpy_solver


class Swapped(numpy_solver.Descent):
    def __init__(self, request):
        super().__init__(request)
        if self.noise is not None:
            self.noise = {"sigma1": self.noise["sigma2"], "sigma2": self.noise["sigma1"]}


if __name__ == "__main__":
    numpy_solver.main(Swapped)
