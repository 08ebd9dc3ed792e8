/** study.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asWords, writeWhole } from '../files.ts';
import { versions } from '../versions.ts';
import { BadUsage } from '../usage.ts';
import { jsonSchema, SCHEMA, studySchema, type StudyFile } from '../../study/schema.ts';
import type { Study } from '../../study/study.ts';

const SCHEMA_FILE = 'study.schema.json';

/** Also writes the schema, next to it. */
export function writeStudies(file: string, studies: readonly Study[]): void {
  const content: StudyFile = {
    $schema: `./${SCHEMA_FILE}`,
    schema: SCHEMA,
    project: 'flat-minima',
    versions: versions(),
    studies,
  };
  try {
    writeWhole(file, `${JSON.stringify(content, asWords, 2)}\n`);
    writeWhole(join(file, '..', SCHEMA_FILE), jsonSchema());
  } catch (error) {
    throw new BadUsage(
      `${file} cannot be written (${(error as NodeJS.ErrnoException).code}): give a file in a folder that you may write to`,
    );
  }
}

/** Throws `BadUsage` if the file is not a study of this version. */
export function readStudies(file: string): readonly Study[] {
  const { success, data, error } = studySchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (success) return data.studies;
  const { path, message } = error.issues[0]!;
  throw new BadUsage(`${file} is not a study of this version (${path.join('.')}: ${message}): run the study again`);
}
