// What graphql.mjs finds in answers that are right but for one thing.
//   node graphql_test.mjs MODULES_FOLDER
import assert from 'node:assert';
import test from 'node:test';
import { graphqlCheck } from './graphql.mjs';

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
