// Types and lint in one go: the typed rules of eslint look at the very program that was checked, not at a second one.
import { ESLint } from 'eslint';
import ts from 'typescript';

const program = programOf('tsconfig.json');
const mistakes = ts.getPreEmitDiagnostics(program);
process.stdout.write(ts.formatDiagnosticsWithColorAndContext(mistakes, ts.createCompilerHost({})));

const parserOptions = { projectService: false, programs: [program] };
const eslint = new ESLint({ overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions } } });
const results = await eslint.lintFiles(['.']);
process.stdout.write(await (await eslint.loadFormatter('stylish')).format(results));

const remarks = results.some(({ errorCount, warningCount }) => errorCount + warningCount > 0);
process.exitCode = mistakes.length > 0 || remarks ? 1 : 0;

function programOf(file) {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail };
  const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(file, {}, host);
  if (errors.length > 0) fail(errors[0]);
  return ts.createProgram({ rootNames: fileNames, options });
}

function fail({ messageText }) {
  throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
}
