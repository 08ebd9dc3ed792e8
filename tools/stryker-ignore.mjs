/** The wording of an error's message is for people: its mutants are not counted. */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const ERRORS = ['InvalidInput', 'Diverged', 'Error'];
const isMessage = ({ node, parent }) =>
  ['StringLiteral', 'TemplateLiteral'].includes(node.type) &&
  (parent?.callee?.type === 'Super' || (parent?.type === 'NewExpression' && ERRORS.includes(parent.callee.name)));

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'messages', {
    shouldIgnore: (path) => (isMessage(path) ? 'the wording of a message is not tested' : undefined),
  }),
];
