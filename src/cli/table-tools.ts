/**
 * Rows of the command table: tools of MCP servers.
 *
 * @module
 */
import { type CommandSpec, contract, json, ok, usage, usual } from './table-parts.ts';

const unheard = { code: '1', when: 'a server does not say what its tools are' } as const;

export const TOOLS_COMMANDS = [
  {
    name: 'tools list',
    summary:
      'List the tools of a contract’s servers, which of them may be called, and whether they are as pinned.',
    description: [
      'Servers are started as you, or asked over HTTP, with the variables that they get in a run. What they say of their tools is shown escaped, cut, and only for tools that the contract names.',
    ],
    arguments: [],
    options: [contract, json],
    examples: [{ line: 'ringfence tools list', what: 'What the servers offer now.' }],
    exitCodes: [ok, unheard, usage],
    failure: usual,
  },
  {
    name: 'tools pin',
    summary: 'Pin the definitions of tools as they are now, after you have read them.',
    description: [
      'A tool whose definition (name, description, schemas, annotations) is not the pinned one is refused in runs, and is a finding. Pins lie in the file that tools.pins names, or beside the records of runs, where the first definition seen is pinned by itself.',
    ],
    arguments: [],
    options: [contract],
    examples: [{ line: 'ringfence tools pin', what: 'Take a change of definitions as wanted.' }],
    exitCodes: [ok, unheard, usage],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
