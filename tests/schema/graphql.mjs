// Holds answers of GraphQL against GitHub's published schema: the query has to be valid, and its data what the query
// may return. The query is executed over the answer, so that all that was asked is looked for in it.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

// What a node is, by its id.
const typesOfIds = [[/^R_/, 'Repository']];

// The id for which a value is the answer, in the fields node(id:) and nodes(ids:).
function askedId(graphql, info, value) {
  if (info.path.prev !== undefined || !['node', 'nodes'].includes(info.fieldName)) return undefined;
  const definition = info.parentType.getFields()[info.fieldName];
  const { id, ids } = graphql.getArgumentValues(definition, info.fieldNodes[0], info.variableValues);
  return ids === undefined ? id : ids[info.rootValue[info.path.key].indexOf(value)];
}

// checkGraphql(answer): what is wrong with {"status", "body", "asked"}, one line each.
export function graphqlCheck(modules) {
  const require = createRequire(path.join(path.resolve(modules), 'package.json'));
  const graphql = require('graphql');
  const { collectSubfields } = require('graphql/execution/collectFields');
  const schemaFile = path.join(modules, 'node_modules/@octokit/graphql-schema/schema.graphql');
  const schema = graphql.buildSchema(fs.readFileSync(schemaFile, 'utf8'), { assumeValidSDL: true });

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
    const odd = (answer.body.errors ?? []).filter((error) => typeof error.message !== 'string');
    if (odd.length > 0) return ['an error without a message'];
    if (answer.body.data === undefined) return answer.body.errors?.length > 0 ? [] : ['neither data nor errors'];
    const executed = graphql.executeSync({
      schema, document, rootValue: answer.body.data, variableValues: variables, fieldResolver, typeResolver,
    });
    return (executed.errors ?? []).map((error) => `${error.path?.join('.')}: ${error.message}`);
  };
}
