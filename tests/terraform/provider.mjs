// Stands in for Terraform's AWS provider: knows its schema, plans and applies in memory, and reaches nothing.
// It finds what the schema forbids. What only the real provider or AWS checks, it does not.
//   node provider.mjs MODULES_FOLDER BINDINGS_FOLDER SOCKET
// Prints the value for TF_REATTACH_PROVIDERS, and serves until it is ended.
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { renderPolicy } from './policy_document.mjs';
import { readSchemas } from './schema.mjs';

const [modules, bindings, socket] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), 'package.json'));
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const msgpack = require('@msgpack/msgpack');

const schemas = readSchemas(bindings);
const account = '123456789012';
const region = 'eu-central-1';

// What is known only after an apply, as Terraform writes it: an extension value of type 0.
const unknown = new msgpack.ExtData(0, new Uint8Array([0]));
const isUnknown = (value) => value instanceof msgpack.ExtData;
const decode = (value) => (value?.msgpack?.length ? msgpack.decode(value.msgpack) : null);
const encode = (value) => ({ msgpack: Buffer.from(msgpack.encode(value)), json: Buffer.alloc(0) });

function hasUnknown(value) {
  if (isUnknown(value)) return true;
  return value !== null && typeof value === 'object' && Object.values(value).some(hasUnknown);
}

// The schema as the protocol has it. Which values are sensitive, the bindings do not tell.
const nestings = { single: 1, list: 2, set: 3 };
const sensitive = new Set(['secret_string']);

function toBlock(block) {
  return {
    version: 0,
    attributes: Object.entries(block.attributes).map(([name, { type, ...given }]) => ({
      name,
      type: Buffer.from(JSON.stringify(type)),
      sensitive: sensitive.has(name),
      ...given,
    })),
    block_types: Object.entries(block.blocks).map(([name, { nesting, min, max, block: inner }]) => ({
      type_name: name,
      block: toBlock(inner),
      nesting: nestings[nesting],
      min_items: min,
      max_items: max,
    })),
  };
}

const toSchema = (block) => ({ version: 0, block: toBlock(block) });
const toSchemas = (blocks) =>
  Object.fromEntries(Object.entries(blocks).map(([type, block]) => [type, toSchema(block)]));

// Values that AWS would give.
const fixed = {
  aws_caller_identity: { account_id: account },
  aws_partition: { partition: 'aws', dns_suffix: 'amazonaws.com' },
  aws_region: { region, name: region, id: region },
};

function invented(type, name, attribute, values) {
  const text = (key) => (typeof values[key] === 'string' ? values[key] : undefined);
  const called = text('bucket') ?? text('function_name') ?? text('name') ?? type;
  if (name === 'arn') return `arn:aws:${type.split('_')[1]}:${region}:${account}:${called}`;
  if (name === 'id') return called;
  if (name === 'region') return region;
  if (Array.isArray(attribute.type)) return attribute.type[0] === 'map' ? {} : [];
  return { string: `some-${name}`, number: 0, bool: false }[attribute.type];
}

function readData({ type_name: type, config }) {
  const values = decode(config);
  if (type === 'aws_iam_policy_document') {
    const json = hasUnknown(values) ? unknown : JSON.stringify(renderPolicy(values));
    return { state: encode({ ...values, id: json, json, minified_json: json }) };
  }
  for (const [name, attribute] of Object.entries(schemas.data[type].attributes)) {
    if (!attribute.computed || values[name] != null) continue;
    values[name] = fixed[type]?.[name] ?? invented(type, name, attribute, values);
  }
  return { state: encode(values) };
}

// What only AWS gives, and the configuration gives all the same.
function validate(blocks) {
  return ({ type_name: type, config }) => {
    const values = decode(config);
    const isGiven = ([name, attribute]) =>
      attribute.computed && !attribute.optional && !attribute.required && values[name] != null;
    const given = Object.entries(blocks[type].attributes).filter(isGiven);
    return { diagnostics: given.map(([name]) => ({ severity: 1, summary: `${name} cannot be given: AWS does` })) };
  };
}

// A null state: the resource is to be destroyed.
function plan({ type_name: type, prior_state, proposed_new_state: proposed }) {
  const values = decode(proposed);
  if (values === null) return { planned_state: proposed, legacy_type_system: true };
  const prior = decode(prior_state);
  for (const [name, attribute] of Object.entries(schemas.resources[type].attributes)) {
    if (attribute.computed && values[name] == null) values[name] = prior ? prior[name] : unknown;
  }
  return { planned_state: encode(values), legacy_type_system: true };
}

function apply({ type_name: type, planned_state: planned }) {
  const values = decode(planned);
  if (values === null) return { new_state: planned, legacy_type_system: true };
  for (const [name, attribute] of Object.entries(schemas.resources[type].attributes)) {
    if (isUnknown(values[name])) values[name] = invented(type, name, attribute, values);
  }
  return { new_state: encode(values), legacy_type_system: true };
}

const answers = {
  GetSchema: () => ({
    provider: toSchema(schemas.provider),
    resource_schemas: toSchemas(schemas.resources),
    data_source_schemas: toSchemas(schemas.data),
  }),
  PrepareProviderConfig: ({ config }) => ({ prepared_config: config }),
  ValidateResourceTypeConfig: validate(schemas.resources),
  ValidateDataSourceConfig: validate(schemas.data),
  UpgradeResourceState: ({ raw_state: state }) => ({
    upgraded_state: { json: state.json, msgpack: Buffer.alloc(0) },
  }),
  Configure: () => ({}),
  ReadResource: ({ current_state: state }) => ({ new_state: state }),
  PlanResourceChange: plan,
  ApplyResourceChange: apply,
  ReadDataSource: readData,
  GetFunctions: () => ({}),
  Stop: () => ({}),
};

const serve = (answer) => (call, callback) => {
  try {
    callback(null, answer(call.request));
  } catch (error) {
    callback(null, { diagnostics: [{ severity: 1, summary: error.message, detail: error.stack }] });
  }
};

const here = path.dirname(fileURLToPath(import.meta.url));
const definition = protoLoader.loadSync(path.join(here, 'plugin.proto'), { keepCase: true, longs: Number });
const { Provider } = grpc.loadPackageDefinition(definition).tfplugin5;
const server = new grpc.Server({ 'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1 });
server.addService(
  Provider.service,
  Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, serve(answer)])),
);
server.bindAsync(`unix:${socket}`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  const reattach = {
    Protocol: 'grpc',
    ProtocolVersion: 5,
    Pid: process.pid,
    Test: true,
    Addr: { Network: 'unix', String: socket },
  };
  console.log(JSON.stringify({ 'registry.terraform.io/hashicorp/aws': reattach }));
});
