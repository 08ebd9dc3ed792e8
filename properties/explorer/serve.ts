/** `npm run explore`: serves the explorer, to this machine only, bundled again for each visit. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { BadUsage } from '../cli/usage.ts';
import { EXIT, settled } from '../cli/exit.ts';
import { explorerPage } from './build.ts';

const USUAL_PORT = 4180;
const LOOPBACK = '127.0.0.1';

const HELP = `Usage: npm run explore -- [options]

Serves a page that runs plain and perturbed gradient descent in the browser, and prints its address.
A reload shows your changes in src. Ctrl-C ends it.

  --port <p>  port, 0 for any free one (default: ${USUAL_PORT}, or any free port if that is taken)
  --help      show this text`;

/** The port that was asked for, if one was, or the help. Throws `BadUsage`. */
export function readPort(args: readonly string[]): number | undefined | 'help' {
  const { port, help } = parse(args);
  if (help === true) return 'help';
  if (port === undefined) return undefined;
  const value = /^\d+$/.test(port) ? Number(port) : NaN;
  if (!(value <= 65535)) throw new BadUsage(`--port is ${port}: give a whole number from 0 to 65535`);
  return value;
}

function parse(args: readonly string[]): { port?: string; help?: boolean } {
  try {
    const options = { port: { type: 'string' }, help: { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new BadUsage(`${(error as Error).message.split(/\. |\.?\n/)[0]!}: see npm run explore -- --help`);
  }
}

/** Listens on the loopback interface, and resolves once it does. Throws `BadUsage` if the port is in use. */
export async function serveExplorer(port: number | undefined): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => void answer(request.url ?? '/', response));
  try {
    await listening(server, port ?? USUAL_PORT);
  } catch {
    if (port !== undefined)
      throw new BadUsage(`--port ${port} cannot be listened on: give another one, or 0 for any that is free`);
    await listening(server, 0);
  }
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/`, close };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(url: string, response: ServerResponse): Promise<void> {
  const say = (status: number, type: string, text: string): void => {
    response.writeHead(status, { 'content-type': `text/${type}; charset=utf-8`, 'cache-control': 'no-store' });
    response.end(text);
  };
  if (url !== '/' && url !== '/index.html') {
    say(404, 'plain', 'There is only one page here, at /.\n');
    return;
  }
  try {
    say(200, 'html', await explorerPage());
  } catch (error) {
    say(500, 'plain', `The page could not be bundled:\n\n${(error as Error).message}\n`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const port = readPort(args);
  if (port === 'help') {
    process.stdout.write(`${HELP}\n`);
    return EXIT.holds;
  }
  const { url, close } = await serveExplorer(port);
  process.stdout.write(`flat-minima explorer: ${url}\nCtrl-C ends it.\n`);
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  await close();
  return EXIT.holds;
}

// Tests serve without starting a process.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await settled(main(process.argv.slice(2)));
