/** The mode under test, which is the first one. */
import { penalties, type Factors } from '../../../src/index.ts';
import { matrix, type Instance } from '../../model/instance.ts';

export const lambdaOf = (instance: Instance): number => penalties(matrix(instance.M), instance).lambda;

/** Its product and its imbalance. */
export const firstMode = ({ X, Y }: Factors): { p: number; S: number; D: number } => {
  const [x, y] = [X.get(0, 0), Y.get(0, 0)];
  return { p: x * y, S: x * x + y * y, D: x * x - y * y };
};
