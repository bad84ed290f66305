// Validates the state machine's definition in what `terraform show -json` tells.
//   node definition.mjs MODULES_FOLDER STATE.json
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const [modules, state] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), 'package.json'));
const validate = require('asl-validator');

const { root_module: root } = JSON.parse(fs.readFileSync(state, 'utf8')).values;
const resources = root.child_modules.flatMap((module) => module.resources);
const machines = resources.filter(({ type }) => type === 'aws_sfn_state_machine');
const problems = machines
  .map(({ values }) => validate(JSON.parse(values.definition)))
  .filter(({ isValid }) => !isValid);
problems.forEach(({ errorsText }) => console.log(errorsText('\n')));
if (machines.length === 0) console.log('there is no state machine');
process.exit(machines.length > 0 && problems.length === 0 ? 0 : 1);
