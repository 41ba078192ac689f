/**
 * Statements of success in plain English: which sentences claim that something went well. Wishes, plans, conditions,
 * questions, quotations and denials are none.
 *
 * @module
 */

export type ClaimKind = 'tests-pass' | 'build-passes' | 'checks-pass';

export interface Claim {
  kind: ClaimKind;
  sentence: string;
  /** it says that it was run, too */
  ran: boolean;
}

const LONGEST = 20_000;

const SUBJECTS: readonly (readonly [ClaimKind, RegExp])[] = [
  ['tests-pass', /\b(tests?|test[- ]?suite|specs?|suite)\b/i],
  ['build-passes', /\b(build|compilation|project builds|code)\b|\bit (compiles|builds)\b/i],
  ['checks-pass', /\b(lint(er|ing)?|type[- ]?check(s|ing)?|tsc|mypy|eslint|ruff|clippy|checks)\b/i],
];

const GOOD =
  /\b(pass(es|ed|ing)?|succeed(s|ed)?|successful(ly)?|green|(is|are|now) (ok|fine|clean)|compiles?|builds? (cleanly|fine))\b|✅|✓/i;
/** good news in negative words */
const NONE_FAIL =
  /\b(no|none of the|zero|0)\s+(tests?|specs?|checks?)?\s*(are |is |were )?(fail(s|ed|ing|ures?)?|errors?)\b|\b(fail(ed|ures?)?|errors?): (0|none)\b|\bwithout (any )?(errors?|failures?)\b/gi;
/** what was so before: "the failing test passes" */
const WAS_BAD = /\b(?:failing|broken|flaky|skipped)\s+((?:\w+\s+)?(?:tests?|specs?|build|suite)\b)/gi;
const BAD =
  /\b(not|never|cannot|unable|fail(s|ed|ing|ures?)?|break(s|ing)?|broken|errors?|crash(es|ed)?|skipp?(ed|ing)?|except|but|however|although|unless|partially|some of|most of|one of|only \d+|\d+ of \d+|almost|nearly|flaky)\b|n['’]t\b/i;
const UNREAL =
  /\b(should|would|will|shall|may|might|could|must|can|once|if|when|until|till|before|so that|in order to|to (make|get|see|check|verify|ensure|confirm|have)|make sure|ensure|need(s|ed)?|want(s|ed)?|expect(s|ed|ing)?|hope(fully)?|let me|let['’]s|let us|goal|aim|try(ing)?|going to|plan|next|todo|please|whether|assum(e|ing)|supposed?|ideally|intend|probably|likely|presumably|seems?|appears?|i think|i believe)\b/i;
const RAN =
  /\b(i|we)\s+(\w+\s+)?(ran|re-?ran|executed|verified|confirmed|checked|tested|built)\b|\b(after|by) (re-?)?running\b/i;

/** Text without code, quotations and what others said. */
const prose = (text: string): string =>
  text
    .slice(0, LONGEST)
    .replace(/```[\s\S]*?(```|$)/g, '\n')
    .replace(/`[^`\n]*`/g, (code) => (/\b(test|pytest|vitest|jest)\b/.test(code) ? ' tests ' : ' x '))
    .replace(/^\s*(>|\||\$|#!).*$/gm, '')
    .replace(/["“][^"”\n]*["”]/g, ' x ');

export function claimsIn(text: string): Claim[] {
  const claims: Claim[] = [];
  for (const part of prose(text).split(/(?<=[.!?;])\s+|\n+/)) {
    const sentence = part.replace(/^[\s*#\-+]+/, '').trim();
    if (sentence === '' || sentence.length > 500 || sentence.endsWith('?')) continue;
    const said = sentence.replace(NONE_FAIL, ' pass ').replace(WAS_BAD, '$1');
    if (UNREAL.test(said) || BAD.test(said) || !GOOD.test(said)) continue;
    const kind = SUBJECTS.find(([, subject]) => subject.test(sentence))?.[0];
    if (kind !== undefined) claims.push({ kind, sentence, ran: RAN.test(sentence) });
  }
  return claims;
}
