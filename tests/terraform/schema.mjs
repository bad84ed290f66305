// The schema of the AWS provider's resources, read from the bindings that CDK Terrain generates from that schema.
// What the bindings say is read as text: they are regular, and loading them would need the whole CDK.
//   readSchemas(FOLDER): { provider, resources, data }, each a map of type names to
//   { attributes: { name: { type, required | optional, computed } }, blocks: { name: { nesting, min, max, block } } }
import fs from 'node:fs';
import path from 'node:path';

const scalars = { string: 'string', number: 'number', boolean: 'bool' };
const getters = { String: 'string', Number: 'number', Boolean: 'bool' };

const camel = (name) => name.replace(/_+([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const capitalized = (name) => name[0].toUpperCase() + name.slice(1);

// "stringList" with the kind "set" is a set of strings. Nothing: a type that the bindings do not tell.
function typeOf(storage, kind) {
  if (scalars[storage]) return scalars[storage];
  const [, element, collection] = storage.match(/^(string|number|boolean)(List|Map)$/) ?? [];
  if (!element) return undefined;
  return [kind === 'set' ? 'set' : collection.toLowerCase(), scalars[element]];
}

// getStringListAttribute('x') and the like, where an attribute is computed and cannot be given.
function typeOfGetter(body) {
  if (body.includes('Fn.tolist')) return ['set', 'string'];
  const [, element, collection] = body.match(/get(String|Number|Boolean)?(List|Map)?Attribute\(/) ?? [];
  if (!element && !collection) return undefined;
  const type = getters[element ?? 'String'];
  return collection ? [collection.toLowerCase(), type] : type;
}

// The members of an object of attributes: `name: { value: …, isBlock: …, type: "…", storageClassType: "…" }`.
function members(text) {
  const member =
    /^\s*"?(\w+)"?: \{\s*value: (.*),\s*isBlock: (true|false),\s*type: "(\w+)",\s*storageClassType: "(\w+)",/gm;
  return [...text.matchAll(member)].map(([, name, value, isBlock, kind, storage]) => ({
    name,
    mapper: value.match(/(\w+)ToHclTerraform/)?.[1],
    isBlock: isBlock === 'true',
    kind,
    storage,
  }));
}

// What each interface says of its properties: { isOptional, isList }.
function interfaces(declarations) {
  const found = {};
  for (const [, name, body] of declarations.matchAll(/export interface (\w+)[^{]*\{([\s\S]*?)\n\}/g)) {
    const properties = body.matchAll(/readonly (\w+)(\?)?: ([^;]+);/g);
    found[name] = Object.fromEntries(
      [...properties].map(([, key, optional, type]) => [key, { isOptional: !!optional, isList: type.includes('[]') }]),
    );
  }
  return found;
}

function nestingOf(kind) {
  return kind === 'set' || kind === 'list' ? kind : 'single';
}

function blockOf(entries, properties, source) {
  const block = { attributes: {}, blocks: {} };
  for (const entry of entries) {
    const property = properties[camel(entry.name)] ?? { isOptional: true, isList: true };
    if (!entry.isBlock) {
      const type = typeOf(entry.storage, entry.kind);
      if (type) block.attributes[entry.name] = { type, [property.isOptional ? 'optional' : 'required']: true };
      continue;
    }
    const nesting = nestingOf(entry.kind);
    const inner = blockOf(
      source.mappers[entry.mapper] ?? [],
      source.interfaces[capitalized(entry.mapper ?? 'x')] ?? {},
      source,
    );
    block.blocks[entry.name] = {
      nesting,
      min: nesting === 'single' || property.isOptional ? 0 : 1,
      max: nesting === 'single' || property.isList ? 0 : 1,
      block: inner,
    };
  }
  return block;
}

// Of attributes at the top, a comment above the getter tells who gives the value.
function addWhoGives(block, classText) {
  const getter = /\/\/ (\w+) - computed: (\w+), optional: (\w+), required: (\w+)([\s\S]*?)(?=\n {4}\/\/ |$)/g;
  for (const [, name, computed, optional, required, body] of classText.matchAll(getter)) {
    if (block.blocks[name]) continue;
    const type = block.attributes[name]?.type ?? typeOfGetter(body);
    if (!type) continue;
    block.attributes[name] = {
      type,
      required: required === 'true',
      optional: optional === 'true',
      computed: computed === 'true' || (optional === 'false' && required === 'false'),
    };
  }
}

function readBinding(folder) {
  const code = fs.readFileSync(path.join(folder, 'index.js'), 'utf8').replace(/\n\/\/# sourceMappingURL.*/, '');
  const declarations = fs.readFileSync(path.join(folder, 'index.d.ts'), 'utf8');
  const source = { mappers: {}, interfaces: interfaces(declarations) };
  for (const [text, name] of code.matchAll(/function (\w+)ToHclTerraform\(struct\) \{[\s\S]*?\n\}/g)) {
    source.mappers[name] = members(text);
  }
  const classText = code.slice(code.indexOf('static tfResourceType'));
  const type = classText.match(/^static tfResourceType = "(\w+)"/)[1];
  const config = declarations.match(/export interface (\w+) extends \w+\.TerraformMetaArguments/)?.[1];
  const top = classText.slice(classText.indexOf('synthesizeHclAttributes()'));
  const block = blockOf(members(top), source.interfaces[config ?? 'AwsProviderConfig'] ?? {}, source);
  addWhoGives(block, classText);
  return { type, block };
}

export function readSchemas(folder) {
  const schemas = { provider: undefined, resources: {}, data: {} };
  for (const name of fs.readdirSync(folder)) {
    const { type, block } = readBinding(path.join(folder, name));
    if (name === 'provider') schemas.provider = block;
    else if (name.startsWith('data-')) schemas.data[type.replace(/^data_/, '')] = block;
    else schemas.resources[type] = block;
  }
  return schemas;
}
