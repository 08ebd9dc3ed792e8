/** A solver of one's own: perturbed gradient descent that never forms the d1 x d2 residual. */
import { Matrix, type DescentOptions, type Solver } from 'flat-minima';

const mySolver: Solver = ({ target: M, start, stepSize: eta, noise }) => {
  let [X, Y] = [start.X.clone(), start.Y.clone()];
  function step(): void {
    const [P, Q] =
      noise === undefined ? [X, Y] : [perturbed(X, noise.sigma1, noise), perturbed(Y, noise.sigma2, noise)];
    // The gradient (P Q' - M) Q = P (Q'Q) - M Q, similarly for Y, at the perturbed point.
    const gradientX = P.mmul(Q.transpose().mmul(Q)).sub(M.mmul(Q));
    const gradientY = Q.mmul(P.transpose().mmul(P)).sub(M.transpose().mmul(P));
    // It moves the iterate that is not perturbed.
    X = Matrix.sub(X, gradientX.mul(eta));
    Y = Matrix.sub(Y, gradientY.mul(eta));
  }
  return {
    get X() {
      return X;
    },
    get Y() {
      return Y;
    },
    advance(steps) {
      for (let i = 0; i < steps; i++) step();
    },
  };
};
export default mySolver;

/** The factor with fresh noise of this scale on every entry. */
function perturbed(factor: Matrix, sigma: number, { source }: NonNullable<DescentOptions['noise']>): Matrix {
  const normals = new Float64Array(factor.rows * factor.columns);
  source.fill(normals);
  return Matrix.from1DArray(factor.rows, factor.columns, Array.from(normals)).mul(sigma).add(factor);
}
