/** The study of an optimiser as a function, for other people's programs. */
export type { Course, Exhibits, Limit, Sizes, Spectra } from './exhibits.ts';
export type { Prediction, Predictions } from './experiment.ts';
export type { Family } from './families.ts';
export type { Interval } from './intervals.ts';
export type { Quantity } from './quantity.ts';
export type { Given } from '../model/draft.ts';
export { study, type NamedProblem, type Study, type StudySettings } from './study.ts';
export { studyText } from './text.ts';
