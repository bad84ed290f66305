// What graphql.mjs finds in answers that are right but for one thing.
//   node graphql_test.mjs MODULES_FOLDER
import assert from 'node:assert';
import test from 'node:test';
import { graphqlCheck, graphqlCost, graphqlQueryCheck } from './graphql.mjs';

const check = graphqlCheck(process.argv[2]);
const found = (query, data, variables = {}) => check({ status: 200, body: { data }, asked: { query, variables } });

const probe = 'query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { id releases(first: 1) { totalCount nodes '
  + '{ updatedAt } } } } }';
const repository = (more = {}) => ({
  id: 'R_1', releases: { totalCount: 1, nodes: [{ updatedAt: '2027-01-15T08:01:00Z' }] }, ...more,
});
const probed = (...nodes) => found(probe, { nodes }, { ids: ['R_1', 'R_2'] });

test('a repository by its id, and null for one that is not shown', () => {
  assert.deepStrictEqual(probed(repository(), null), []);
});

test('a repository without what was asked of it', () => {
  assert.match(probed(repository(), { id: 'R_2' }).join(), /^nodes\.1\.releases: "releases" is missing$/);
  assert.match(probed({}, null).join(), /nodes\.0\.id: "id" is missing/);
});

test('a repository with a value of another type', () => {
  assert.match(probed(repository({ id: null }), null).join(), /^nodes\.0\.id: Cannot return null/);
  assert.match(probed(repository({ releases: { totalCount: 'one', nodes: [] } }), null).join(), /totalCount: Int cannot/);
  assert.match(probed(repository({ releases: { totalCount: 1, nodes: [{}] } }), null).join(), /"updatedAt" is missing/);
});

test('a type that is said is the type', () => {
  const query = '{ nodes(ids: ["R_1"]) { __typename ... on Repository { name } } }';
  const node = (type) => found(query, { nodes: [{ __typename: type, name: 'site' }] }).join();
  assert.strictEqual(node('Repository'), '');
  assert.match(node('Repo'), /type "Repo" that does not exist/);
  assert.match(node('RepositoryTopicConnection'), /not a possible type for "Node"/);
});

test('a node whose id says nothing is what its fields say', () => {
  const query = 'query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { name } ... on User { login } } }';
  const node = (value) => found(query, { nodes: [value] }, { ids: ['MDEwOlJlcG9zaXRvcnkx'] }).join();
  assert.strictEqual(node({ name: 'site' }), '');
  assert.strictEqual(node({ login: 'octocat' }), '');
  assert.match(node({ name: null }), /^nodes\.0\.name: Cannot return null/);
  assert.match(node({ name: 'site', login: 'octocat' }), /no Node that was asked for has the fields login,name/);
  assert.match(node({ title: 'site' }), /no Node that was asked for has the fields title/);
});

test('the owner of a repository, of whom the same is asked whatever he is', () => {
  const query = '{ repository(owner: "acme", name: "site") { owner { login } } }';
  const owner = (value) => found(query, { repository: { owner: value } }).join();
  assert.strictEqual(owner({ login: 'acme' }), '');
  assert.match(owner({}), /no RepositoryOwner that was asked for has the fields \(none\)/);
  assert.match(owner({ login: null }), /owner\.login: Cannot return null/);
});

test('texts that are to be times, dates, addresses and object ids', () => {
  const query = '{ repository(owner: "acme", name: "site") { createdAt url } }';
  const site = (more) => found(query, { repository: { createdAt: '2027-01-15T08:01:00Z', url: 'https://x/y', ...more } });
  assert.deepStrictEqual(site({}), []);
  assert.match(site({ createdAt: '2027-01-15' }).join(), /createdAt: not a DateTime/);
  assert.match(site({ url: 'site' }).join(), /url: not a URI/);
});

test('variables that are missing or of another type', () => {
  const missing = check({ status: 200, body: { data: { nodes: [] } }, asked: { query: probe, variables: {} } });
  assert.match(missing.join(), /Variable "\$ids" of required type/);
  assert.match(found(probe, { nodes: [] }, { ids: [true] }).join(), /ID cannot represent value: true/);
});

test('a query that the schema does not have', () => {
  assert.deepStrictEqual(graphqlQueryCheck(process.argv[2])(probe), []);
  assert.match(graphqlQueryCheck(process.argv[2])('{ viewer { nonsense } }').join(), /Cannot query field "nonsense"/);
});

test('what a query costs: fetches of connections, through fragments and variables', () => {
  const cost = graphqlCost(process.argv[2]);
  const query = 'query Q($n: Int = 10) { viewer { repositories(first: $n) { nodes { ...r } } } } '
    + 'fragment r on Repository { issues(first: 50) { nodes { labels(last: 20) { totalCount } } } }';
  assert.deepStrictEqual(cost(query), { name: 'Q', nodes: 10 + 500 + 10000, points: 5 });
  assert.deepStrictEqual(cost(query, { n: 100 }), { name: 'Q', nodes: 100 + 5000 + 100000, points: 51 });
  assert.deepStrictEqual(cost(probe), { name: '', nodes: 100 + 100, points: 1 });
});
