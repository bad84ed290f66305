// Holds answers of GraphQL against GitHub's published schema: the query has to be valid, and its data what the query
// may return. The query is executed over the answer, so that all that was asked is looked for in it.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

// What a node is, by its id.
const typesOfIds = [
  [/^R_/, 'Repository'], [/^I_/, 'Issue'], [/^PR_/, 'PullRequest'], [/^D_/, 'Discussion'], [/^PVT_/, 'ProjectV2'],
];

// The id for which a value is the answer, in the fields node(id:) and nodes(ids:).
function askedId(graphql, info, value) {
  if (info.path.prev !== undefined || !['node', 'nodes'].includes(info.fieldName)) return undefined;
  const definition = info.parentType.getFields()[info.fieldName];
  const { id, ids } = graphql.getArgumentValues(definition, info.fieldNodes[0], info.variableValues);
  return ids === undefined ? id : ids[info.rootValue[info.path.key].indexOf(value)];
}

// How texts look of which the schema says no more than that they are scalars.
const scalars = {
  BigInt: /^-?\d+$/,
  Date: /^\d{4}-\d\d-\d\d$/,
  DateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  GitObjectID: /^([0-9a-f]{40}|[0-9a-f]{64})$/,
  URI: /^(https?:\/)?\/\S+$/,
};

function checkScalars(schema) {
  for (const [name, pattern] of Object.entries(scalars)) {
    schema.getType(name).serialize = (value) => {
      if (typeof value !== 'string' || !pattern.test(value)) throw new Error(`not a ${name}: ${JSON.stringify(value)}`);
      return value;
    };
  }
}

function load(modules) {
  const require = createRequire(path.join(path.resolve(modules), 'package.json'));
  const schemaFile = path.join(modules, 'node_modules/@octokit/graphql-schema/schema.graphql');
  const graphql = require('graphql');
  const schema = graphql.buildSchema(fs.readFileSync(schemaFile, 'utf8'), { assumeValidSDL: true });
  checkScalars(schema);
  return { require, graphql, schema };
}

const most = 100; // nodes that a connection gives, and ids that nodes() takes

// cost(query, variables): {name, nodes, points} that the only operation of a query may cost at most, by GitHub's
// formula; a variable that has no value stands for as many as may be.
export function graphqlCost(modules) {
  const { graphql } = load(modules);

  return function cost(query, variables = {}) {
    const document = graphql.parse(query);
    const operation = document.definitions.find((each) => each.kind === 'OperationDefinition');
    const fragments = new Map(document.definitions.filter((each) => each.kind === 'FragmentDefinition')
      .map((each) => [each.name.value, each.selectionSet]));
    const defaults = Object.fromEntries((operation.variableDefinitions ?? []).filter((each) => each.defaultValue)
      .map((each) => [each.variable.name.value, graphql.valueFromASTUntyped(each.defaultValue)]));
    const values = { ...defaults, ...variables };
    const given = (field, name) => field.arguments?.find((each) => each.name.value === name)?.value;
    const known = (value) => (value.kind === 'Variable' ? values[value.name.value] : graphql.valueFromASTUntyped(value));
    let nodes = 0;
    let requests = 0;
    const visit = (selections, times) => {
      for (const each of selections?.selections ?? []) {
        const page = given(each, 'first') ?? given(each, 'last');
        const ids = each.name?.value === 'nodes' ? given(each, 'ids') : undefined;
        let below = times;
        if (page || ids) {
          requests += times;
          below *= page ? known(page) ?? most : known(ids)?.length ?? most;
          nodes += below;
        }
        visit(each.kind === 'FragmentSpread' ? fragments.get(each.name.value) : each.selectionSet, below);
      }
    };
    visit(operation.selectionSet, 1);
    return { name: operation.name?.value ?? '', nodes, points: Math.max(1, Math.round(requests / 100)) };
  };
}

// checkQuery(query): why GitHub would refuse it, one line each.
export function graphqlQueryCheck(modules) {
  const { graphql, schema } = load(modules);
  return (query) => graphql.validate(schema, graphql.parse(query)).map((error) => error.message);
}

// checkGraphql(answer): what is wrong with {"status", "body", "asked"}, one line each.
export function graphqlCheck(modules) {
  const { require, graphql, schema } = load(modules);
  const { collectSubfields } = require('graphql/execution/collectFields');

  function fieldResolver(source, _arguments, _context, info) {
    const value = source?.[info.path.key];
    if (value === undefined) throw new Error(`"${info.path.key}" is missing`);
    return value;
  }

  // Who asks for no __typename is told none. Then the id says the type, and else the fields do: those of the answer
  // are those that were asked of this type, not one more or less. Where several types are asked for the same fields,
  // a valid query asks the same of each.
  function typeResolver(value, _context, info, abstractType) {
    if (typeof value?.__typename === 'string') return value.__typename;
    const id = askedId(graphql, info, value);
    const known = typesOfIds.find(([pattern]) => pattern.test(id ?? ''));
    if (known) return known[1];
    const present = Object.keys(value).sort().join();
    const fitting = schema.getPossibleTypes(abstractType).find((type) => {
      const asked = collectSubfields(schema, info.fragments, info.variableValues, type, info.fieldNodes);
      return [...asked.keys()].sort().join() === present;
    });
    if (!fitting) throw new Error(`no ${abstractType.name} that was asked for has the fields ${present || '(none)'}`);
    return fitting.name;
  }

  return function checkGraphql(answer) {
    if (answer.status !== 200) return typeof answer.body.message === 'string' ? [] : ['an error without a message'];
    const { query, variables } = answer.asked ?? {};
    const document = graphql.parse(query ?? '');
    const invalid = graphql.validate(schema, document).map((error) => error.message);
    if (invalid.length > 0) return invalid;
    const operation = document.definitions.find((each) => each.kind === 'OperationDefinition');
    const coerced = graphql.getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
    if (coerced.errors) return coerced.errors.map((error) => error.message);
    const odd = (answer.body.errors ?? []).filter((error) => typeof error.message !== 'string');
    if (odd.length > 0) return ['an error without a message'];
    if (answer.body.data === undefined) return answer.body.errors?.length > 0 ? [] : ['neither data nor errors'];
    const executed = graphql.executeSync({
      schema, document, rootValue: answer.body.data, variableValues: variables, fieldResolver, typeResolver,
    });
    return (executed.errors ?? []).map((error) => `${error.path?.join('.')}: ${error.message}`);
  };
}
