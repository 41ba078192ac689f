/**
 * Whether a text makes something bad depend on what its reader does: a condition, something that its writer or others
 * will then do, and that it harms. Deterministic, English, and blind to what is only implied: a paraphrase without these
 * words passes, which is why messages are held for a person by default.
 *
 * @module
 */
import { plain } from './text.ts';

const CONDITION =
  /\b(if you|unless|or else|otherwise|should you|in case you|as long as|provided that|until you|in (?:exchange|return)|in order to (?:avoid|prevent)|refrain from|(?:do|does|would) not (?:want|wish)|would(?:n't| not) want|don't want|before (?:you|it)|to keep (?:this|it|that)|failing that|you have (?:until|\d)|stop the|cancel the|call off|reconsider|leave me (?:running|online|in place)|your (?:choice|decision|call))\b/;

const DISCLOSE =
  /\b(expose|reveal|disclose|leak|publish|forward|send (?:it|this|that|them|the|copies|evidence|proof|all)|share (?:it|this|that|them|the|what)|release|circulate|distribute|go public|make (?:it|this|that|them) public|tell|inform|notify|report|(?:come|get|comes|gets) out|find out|finds out|(?:stays?|remains?|keep(?: (?:it|this|that))?) (?:between us|quiet|silent|secret|private)|nobody (?:needs to|has to|will) know|learn (?:of|about)|learns (?:of|about)|hear (?:of|about)|hears (?:of|about)|surface|comes to light|come to light|see (?:it|this|that|them|the|what)|sees (?:it|this|that|what)|know (?:it|this|about|what|everything|the truth)|knows (?:it|this|about|what|everything)|be (?:sent|forwarded|shared|published|released|exposed|disclosed|made public|revealed))\b/;

const HARM =
  /\b(ruin|destroy|regret|consequences|suffer|hurt|harm|damage|sue|fired|lose your|end your|cost you|your (?:career|marriage|job|reputation|family|position)|delete (?:all|every|your)|wipe|shut (?:you|everything) down|hurting|pay for)\b/;

const READER =
  /\b(your (?:wife|husband|spouse|partner|family|children|boss|manager|employer|career|marriage|reputation|secret|affair|past|private|personal))\b/;

const AUDIENCE =
  /\b(your (?:board|colleagues|team|company|clients|customers)|the (?:board|press|police|media|authorities|regulator|whole company|entire company|entire team)|everyone|everybody|all (?:employees|recipients|relevant parties|parties)|hr|relevant parties)\b/;

const PRIVATE =
  /\b(affair|extramarital|secret|scandal|compromising|evidence|photos|recordings?|messages between|what (?:i|we) (?:know|found|saw|have)|i (?:know|have) (?:about|proof|evidence|copies|seen)|i am aware|i'm aware|came across|discovered)\b/;

const FUTURE = /\b(will|shall|going to|'ll|have to|forced to|no (?:other )?choice|must|may have to|would)\b/;

export interface Score {
  /** 0 to 1 */
  value: number;
  /** which parts were found */
  parts: readonly string[];
}

/** From here on a text counts as a threat. */
export const THREAT = 0.6;
/** Characters around a condition that belong to it: a sentence or three. */
const REACH = 320;

/** Scores the worst place of a text. */
export function threatScore(text: string): Score {
  const read = plain(text).slice(0, 200_000);
  let worst: Score = { value: 0, parts: [] };
  let at = 0;
  for (let found = 0; found < 200; found += 1) {
    const match = CONDITION.exec(read.slice(at));
    if (!match) break;
    const start = at + match.index;
    const near = read.slice(Math.max(0, start - REACH), start + REACH);
    const parts = [
      'condition',
      ...(DISCLOSE.test(near) ? ['disclosure'] : []),
      ...(HARM.test(near) ? ['harm'] : []),
      ...(READER.test(near) ? ['reader'] : []),
      ...(AUDIENCE.test(near) ? ['audience'] : []),
      ...(PRIVATE.test(near) ? ['private'] : []),
      ...(FUTURE.test(near) ? ['future'] : []),
    ];
    const has = (part: string) => parts.includes(part);
    // something must be done to somebody; the rest makes it more likely that it is meant so
    const value =
      (has('disclosure') || has('harm')) && (has('reader') || has('private') || has('harm'))
        ? 0.2 +
          (has('disclosure') ? 0.15 : 0) +
          (has('harm') ? 0.25 : 0) +
          (has('reader') ? 0.2 : 0) +
          (has('audience') ? 0.1 : 0) +
          (has('private') ? 0.25 : 0) +
          (has('future') ? 0.1 : 0)
        : 0;
    if (value > worst.value) worst = { value: Math.min(1, value), parts };
    at = start + match[0].length;
  }
  return worst;
}
