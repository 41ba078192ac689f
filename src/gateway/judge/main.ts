/**
 * The judges' process: reads what models answer, who read what the agent wrote, and has their keys. Its whole world is the
 * IPC channel: first the configuration, then questions, each answered once. It ends with that channel.
 *
 * @module
 */
import type { JudgeAnswer, JudgeAsk, JudgeConfig } from '../../contract/index.ts';
import { outwardResolve } from '../dns/outward.ts';
import { UpstreamResolver } from '../dns/upstream.ts';
import { Policy } from '../policy/policy.ts';
import { ModelJudge } from './judge.ts';

/** Started by hand, or fed something that is not its protocol. */
const EXIT_MISUSED = 125;

if (!process.send) {
  process.stderr.write('judges are asked by ringfence, not by hand\n');
  process.exit(EXIT_MISUSED);
}

let judges: ModelJudge[] | undefined;

function configure(config: JudgeConfig): ModelJudge[] {
  const { resolve, hosts, resolvers } = config;
  const policy = new Policy({ network: [], resolve, hosts });
  const outward = outwardResolve(policy, new UpstreamResolver(resolvers));
  return config.judges.map((judge) => new ModelJudge(judge, outward));
}

function answer(ask: JudgeAsk): void {
  const judge = judges?.[ask.judge];
  if (!judge) process.exit(EXIT_MISUSED);
  judge.ask(ask).then((result) => {
    const message: JudgeAnswer = { ask: ask.ask, ...result };
    if (process.connected) process.send?.(message);
  });
}

process.on('disconnect', () => process.exit(0));
// the controller decides when a run ends; a terminal's Ctrl-C goes to the whole group
process.on('SIGINT', () => {});
process.on('message', (message: JudgeConfig | JudgeAsk) => {
  if ('judges' in message) judges = configure(message);
  else answer(message);
});
