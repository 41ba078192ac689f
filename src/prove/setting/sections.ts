/**
 * Models, and the sections of a contract that this version does not enforce, read as far as their meaning is stated: what
 * they would grant counts as granted, what is written otherwise is unexpressed.
 *
 * @module
 */
import { type Contract, modelEndpoint } from '../../contract/index.ts';
import type { ModelGrant, PersonGrant, Place, ToolGrant, Unexpressed } from './types.ts';

type At = (clause: string) => { clause: string; place?: Place };

export interface Sections {
  readonly models: readonly ModelGrant[];
  readonly tools: readonly ToolGrant[];
  readonly people: readonly PersonGrant[];
  readonly unexpressed: readonly Unexpressed[];
}

export function grantsUnsupported(
  { models, tools = [], people = [] }: Pick<Contract, 'models' | 'tools' | 'people'>,
  at: At,
): Sections {
  const unexpressed: Unexpressed[] = [];
  const read = <T>(section: string, items: readonly unknown[], one: (item: Fields, clause: string) => T[]) =>
    items.flatMap((item, index): T[] => {
      const clause = `${section}[${index}]`;
      const found = typeof item === 'object' && item !== null ? one(item as Fields, clause) : [];
      if (found.length === 0)
        unexpressed.push({ ...at(clause), text: `the model knows nothing of this entry of ${section}` });
      return found;
    });
  return {
    models: models.map((rule, index) => ({
      ...at(`models[${index}]`),
      provider: rule.provider,
      host: new URL(modelEndpoint(rule)).hostname,
      keySeen: false,
      budgeted: Object.values(rule.budget).some((bound) => bound !== undefined),
    })),
    tools: read('tools', tools, ({ mcp, allow, approve }, clause): ToolGrant[] => {
      const server = typeof mcp === 'string' ? mcp : Object.keys((mcp ?? {}) as Fields).join(', ');
      if (server === '') return [];
      const named = (list: unknown, approved: boolean, key: string): ToolGrant[] =>
        Array.isArray(list)
          ? list.map((tool, index) => ({
              ...at(`${clause}.${key}[${index}]`),
              server,
              tool: String(tool),
              approved,
            }))
          : [];
      const all = [...named(allow, false, 'allow'), ...named(approve, true, 'approve')];
      return all.length > 0 ? all : [{ ...at(clause), server, tool: '*', approved: false }];
    }),
    people: read('people', people, ({ channel, approve }, clause): PersonGrant[] =>
      typeof channel === 'string' ? [{ ...at(clause), channel, approved: approve === 'always' }] : [],
    ),
    unexpressed,
  };
}

type Fields = Readonly<Record<string, unknown>>;
