// Holds the questions of GraphQL that stand in the sources against GitHub's published schema, whether a test sends
// them or not: each operation in a raw string, with the fragments that it uses. Prints what each may cost, and exits
// with 1 where one is not valid, is too large, or none is there.
//   node queries.mjs MODULES_FOLDER SOURCES_FOLDER
import fs from 'node:fs';
import path from 'node:path';
import { graphqlCost, graphqlQueryCheck } from './graphql.mjs';

const [modules, sources] = process.argv.slice(2);
const check = graphqlQueryCheck(modules);
const costOf = graphqlCost(modules);
const mostNodes = 500000; // GitHub: "Rate limits and query limits for the GraphQL API"

function rawStrings(folder) {
  return fs.readdirSync(folder, { recursive: true }).filter((file) => /\.(h|cc)$/.test(file)).flatMap((file) => {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    return [...text.matchAll(/R"\(((?:query|fragment) \w+[^]*?)\)"/g)].map((match) => match[1]);
  });
}

const texts = rawStrings(sources);
const fragments = new Map(texts.filter((text) => text.startsWith('fragment '))
  .map((text) => [/^fragment (\w+)/.exec(text)[1], text]));
const used = new Set();

function withFragments(text, added = new Set()) {
  for (const [, name] of text.matchAll(/\.\.\.(\w+)/g)) {
    if (added.has(name) || !fragments.has(name)) continue;
    added.add(name);
    used.add(name);
    withFragments(fragments.get(name), added);
  }
  return [text, ...[...added].map((name) => fragments.get(name))].join('\n');
}

let queries = 0;
let failures = 0;
const complain = (...lines) => {
  failures += 1;
  lines.forEach((line) => console.log(line));
};
// What a program fills in before it sends it is in the recorded answers alone.
for (const text of texts.filter((each) => each.startsWith('query ') && !each.includes('{{'))) {
  queries += 1;
  const query = withFragments(text);
  const errors = check(query);
  if (errors.length > 0) complain(text.split('\n')[0], ...errors.map((error) => `    ${error}`));
  const { name, nodes, points } = costOf(query);
  if (nodes > mostNodes) complain(`${name}: ${nodes} nodes`);
  console.log(`${name}: at most ${nodes} nodes and ${points} points, in pages as large as may be`);
}
for (const name of fragments.keys()) {
  if (!used.has(name)) complain(`fragment ${name}: no query uses it`);
}
console.log(`${queries} queries with ${fragments.size} fragments, ${failures} do not conform`);
process.exit(failures > 0 || queries === 0 ? 1 : 0);
