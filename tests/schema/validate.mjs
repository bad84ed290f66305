// Holds recorded answers, JSON lines of {"method", "path", "status", "body"}, against GitHub's published OpenAPI
// description, and those of GraphQL with what was "asked" against its schema. Prints what does not conform, and
// exits with 1 then.
//   node validate.mjs MODULES_FOLDER ANSWERS.jsonl…
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { graphqlCheck, graphqlCost } from './graphql.mjs';

const [modules, ...files] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), 'package.json'));
const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;
const description = require('@octokit/openapi/generated/api.github.com.json');
const allowed = JSON.parse(fs.readFileSync(new URL('allowed.json', import.meta.url)));

const checkGraphql = graphqlCheck(modules);
const costOf = graphqlCost(modules);
const operations = new Map(); // of GraphQL: how often each was asked, and what it cost at most

function countOperation(answer) {
  const { name, nodes, points } = costOf(answer.asked.query, answer.asked.variables);
  const known = operations.get(name) ?? { answers: 0, nodes: 0, points: 0 };
  operations.set(name, {
    answers: known.answers + 1, nodes: Math.max(known.nodes, nodes), points: Math.max(known.points, points),
  });
}

// Paths that GitHub leads to by its own links, and the documented path with the same answer.
const aliases = [
  [/^\/user\/\d+(?=\/)/, '/users/x'],
  [/^\/organizations\/\d+\/repos$/, '/orgs/x/repos'],
  [/^\/repositories\/\d+(?=\/|$)/, '/repos/x/x'],
];

// OpenAPI 3.0's `nullable` is unknown to JSON Schema: it needs a type beside it, and null among an enum's values.
function makeNullable(node) {
  const { nullable, ...rest } = node;
  for (const key of Object.keys(node)) delete node[key];
  node.anyOf = [rest, { type: 'null' }];
}

function adapt(node) {
  if (Array.isArray(node)) return node.forEach(adapt);
  if (!node || typeof node !== 'object') return;
  delete node.example;
  delete node.examples;
  delete node.discriminator;
  Object.values(node).forEach(adapt);
  if (node.nullable !== true) return;
  if (Array.isArray(node.enum) && !node.enum.includes(null)) node.enum = [...node.enum, null];
  if (!node.type) makeNullable(node);
}

function absolute(schema) {
  const copy = structuredClone(schema);
  adapt(copy);
  return JSON.parse(JSON.stringify(copy).replaceAll('"#/components', '"github#/components'));
}

adapt(description.components.schemas);
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats(ajv);
ajv.addSchema({ $id: 'github', components: { schemas: description.components.schemas } });

const routes = Object.entries(description.paths).map(([template, operations]) => ({
  template,
  operations,
  pattern: new RegExp('^' + template.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+') + '$'),
  variables: template.split('{').length,
}));
routes.sort((a, b) => a.variables - b.variables);

const validators = new Map();

function validatorFor(route, method, status) {
  const key = `${method} ${route.template} ${status}`;
  if (validators.has(key)) return validators.get(key);
  let response = route.operations[method]?.responses[status];
  if (response?.$ref) response = description.components.responses[response.$ref.split('/').pop()];
  // Of several media types an answer has one: the stars of a user with their times or without.
  const contents = response && Object.values(response.content ?? {}).map((content) => content.schema);
  const schema = contents?.length > 1 ? { anyOf: contents } : contents?.[0];
  const validate = schema ? ajv.compile(absolute(schema)) : response ? () => true : undefined;
  validators.set(key, validate);
  return validate;
}

function check(answer) {
  if (answer.path === '/graphql') return checkGraphql(answer);
  const alias = aliases.find(([pattern]) => pattern.test(answer.path));
  const asked = alias ? answer.path.replace(...alias) : answer.path;
  const route = routes.find((candidate) => candidate.pattern.test(asked));
  if (!route) return ['the path is not in the description'];
  const validate = validatorFor(route, answer.method.toLowerCase(), String(answer.status));
  if (!validate) return [`status ${answer.status} is not in the description of ${route.template}`];
  if (validate(answer.body)) return [];
  return validate.errors.map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
}

function reasonFor(answer) {
  return allowed.find(
    (entry) => new RegExp(entry.path).test(answer.path) && (!entry.status || entry.status === answer.status)
  )?.reason;
}

let answers = 0;
let failures = 0;
let excused = 0;
for (const file of files) {
  for (const line of fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const answer = JSON.parse(line);
    answers += 1;
    const errors = check(answer);
    if (errors.length === 0) {
      if (answer.asked && answer.status === 200) countOperation(answer);
      continue;
    }
    if (reasonFor(answer)) {
      excused += 1;
      continue;
    }
    failures += 1;
    console.log(`${answer.method} ${answer.path} ${answer.status}`);
    for (const error of errors.slice(0, 8)) console.log(`    ${error}`);
  }
}
let asked = 0;
for (const [name, { answers: count, nodes, points }] of [...operations].sort()) {
  console.log(`GraphQL ${name || '(without a name)'}: ${count} answers, at most ${nodes} nodes and ${points} points each`);
  asked += count;
}
console.log(`${asked} answers of GraphQL conform`);
console.log(`${answers} answers, ${failures} do not conform, ${excused} excused`);
process.exit(failures > 0 || answers === 0 || asked === 0 ? 1 : 0);
