// Renders the configuration of an aws_iam_policy_document as the AWS provider does.

const only = (list) => (list.length === 1 ? list[0] : [...list].sort());

function principalsOf(principals) {
  const [first] = principals;
  if (principals.length === 1 && first.type === '*' && first.identifiers.includes('*')) return '*';
  return Object.fromEntries(principals.map(({ type, identifiers }) => [type, only(identifiers)]));
}

function conditionsOf(conditions) {
  const tests = {};
  for (const { test, variable, values } of conditions) (tests[test] ??= {})[variable] = only(values);
  return tests;
}

function statementOf(statement) {
  const rendered = {};
  if (statement.sid) rendered.Sid = statement.sid;
  rendered.Effect = statement.effect ?? 'Allow';
  if (statement.actions?.length) rendered.Action = only(statement.actions);
  if (statement.not_actions?.length) rendered.NotAction = only(statement.not_actions);
  if (statement.resources?.length) rendered.Resource = only(statement.resources);
  if (statement.not_resources?.length) rendered.NotResource = only(statement.not_resources);
  if (statement.principals?.length) rendered.Principal = principalsOf(statement.principals);
  if (statement.not_principals?.length) rendered.NotPrincipal = principalsOf(statement.not_principals);
  if (statement.condition?.length) rendered.Condition = conditionsOf(statement.condition);
  return rendered;
}

export function renderPolicy(config) {
  return { Version: config.version ?? '2012-10-17', Statement: (config.statement ?? []).map(statementOf) };
}
