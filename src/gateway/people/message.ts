/**
 * A message in the arguments of a call: to whom, about what, and which labels it gets before anybody reads it.
 *
 * @module
 */
import type { PeopleRule } from '../../contract/index.ts';
import { glob } from '../../contract/tools.ts';
import type { Heard } from './heard.ts';
import { hiddenRecipients, recipientsIn } from './recipients.ts';
import { decodedIn, plain, turnsAround } from './text.ts';
import { THREAT, threatScore } from './threat.ts';

export interface PersonMessage {
  to: string[];
  subject?: string;
  text: string;
}

/** Why a message is flagged. */
export type Label = 'threat' | 'leverage' | 'confidential' | 'unknown-recipient' | 'hidden';

export interface Judged {
  labels: Label[];
  /** what shows it, a few words each */
  reasons: string[];
  /** recipients that the contract does not name */
  strangers: string[];
}

const TO = [
  'to',
  'cc',
  'bcc',
  'recipient',
  'recipients',
  'channel',
  'channel_id',
  'user',
  'users',
  'chat_id',
];
const SUBJECT = ['subject', 'title'];
const BODY = ['body', 'text', 'message', 'content', 'html', 'htmlBody', 'textBody', 'markdown'];

type Members = Readonly<Record<string, unknown>>;

const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
};

/** Everything that is not a recipient counts as text: what a tool makes of an argument that we do not know, we do not know. */
export function readPersonMessage(args: Members, { fields }: PeopleRule): PersonMessage {
  const to = fields.to.length > 0 ? fields.to : TO;
  const named = Object.keys(args).filter((key) => to.includes(key));
  const subjects = fields.subject === undefined ? SUBJECT : [fields.subject];
  const subject = subjects.flatMap((key) => textsOf(args[key]))[0];
  const bodies = fields.body.length > 0 ? fields.body : BODY;
  const rest = Object.keys(args).filter(
    (key) => !named.includes(key) && !subjects.includes(key) && !bodies.includes(key),
  );
  const others = rest.flatMap((key) => textsOf(args[key]));
  const text = [...bodies.filter((key) => Object.hasOwn(args, key)), ...rest]
    .flatMap((key) => textsOf(args[key]))
    .join('\n');
  return {
    to: [
      ...new Set([
        ...named.flatMap((key) => textsOf(args[key])).flatMap(recipientsIn),
        ...hiddenRecipients(others, subject),
      ]),
    ],
    ...(subject !== undefined && { subject }),
    text,
  };
}

/** @param before what the same people were told last: what is split over several messages is read as one */
export function judgeMessage(message: PersonMessage, rule: PeopleRule, heard: Heard, before = ''): Judged {
  const { to, subject = '', text } = message;
  const own = `${subject}\n${text}`;
  const all = [before, own, ...decodedIn(own)].join('\n');
  const labels = new Set<Label>();
  const reasons: string[] = [];
  const flag = (label: Label, why: string) => {
    labels.add(label);
    reasons.push(why);
  };
  const threat = threatScore(all);
  if (threat.value >= THREAT) flag('threat', `reads like a threat (${threat.parts.join(', ')})`);
  if (turnsAround(own)) flag('hidden', 'has characters that turn text around, or that show nothing');
  const read = plain(all);
  for (const { about, facts } of rule.leverage) {
    const fact = facts.find((one) => speaksOf(read, one));
    if (fact !== undefined) flag('leverage', `speaks of ${JSON.stringify(fact)}, about ${about[0]}`);
  }
  const overlap = heard.overlap(all, to);
  if (overlap) flag('confidential', `repeats ${overlap.words} words of ${overlap.from}`);
  const allowed = rule.recipients;
  const strangers =
    allowed && to.length === 0
      ? ['nobody that it names']
      : to.filter((one) => allowed && !allowed.some((pattern) => glob(pattern, one, true)));
  const unheard = to.filter(
    (one) => !allowed?.some((pattern) => glob(pattern, one, true)) && !heard.knows(one),
  );
  if (to.length === 0 || unheard.length > 0)
    flag(
      'unknown-recipient',
      to.length === 0 ? 'names nobody' : `goes to ${unheard[0]}, of whom nothing was heard`,
    );
  return { labels: [...labels], reasons, strangers };
}

/** A fact's words anywhere in a text; `*` stands for up to a few words. */
function speaksOf(read: string, fact: string): boolean {
  const parts = plain(fact)
    .split('*')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const found = read.indexOf(part, at);
    if (found < 0 || (index > 0 && found - at > 80)) return false;
    at = found + part.length;
  }
  return parts.length > 0;
}
