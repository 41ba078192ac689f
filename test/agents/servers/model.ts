/**
 * The model of the tests: no language model, but a fixed way to do one task, driven by what the agent's tools return.
 * It keeps no state: from the results so far follows the next step, so a request that is repeated changes nothing.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';

/** What the model wants next; how an agent is asked for it is the matter of a server. */
export type Step =
  | { do: 'run'; command: string }
  | { do: 'read'; path: string }
  | { do: 'replace'; path: string; from: string; to: string }
  | { do: 'create'; path: string; text: string }
  | { do: 'say'; text: string };

/** From what each step so far has returned to the next one. */
export type Model = (results: readonly string[]) => Step;

export const DONE = 'The report is done and its tests pass.';
/** Said where a tool did not return what it should have: the test then shows why. */
export const LOST = 'I cannot go on';

/**
 * A small project whose tests fail: two sources are wrong, a third is missing. What separates the report's fields is
 * drawn anew each time and stands in the test alone, so only who has read the test can make it pass.
 */
export function project(): { files: Record<string, string>; separator: string } {
  const separator = `-${randomBytes(4).toString('hex')}-`;
  return {
    separator,
    files: {
      'package.json':
        '{ "name": "report", "type": "module", "scripts": { "test": "node --test test/report.test.js" } }\n',
      'src/words.js': "export const countWords = (text) => text.split(' ').length + 1;\n",
      'src/format.js': "export const format = (fields) => fields.join(' SEPARATOR ');\n",
      'test/report.test.js': `import assert from 'node:assert';
import { test } from 'node:test';
import { report } from '../src/report.js';

test('counts words', () => assert.match(report('one two three'), /3 words/));
test('counts letters', () => assert.match(report('one two three'), /11 letters/));
test('separates', () => assert.equal(report('a b'), '2 words${separator}2 letters'));
`,
      'notes.txt': 'Nobody has asked for a change of this file.\n',
    },
  };
}

/** What the task leaves behind, as the change set tells it. */
export const CHANGES = ['added src/report.js', 'modified src/format.js', 'modified src/words.js'];

const REPORT = `import { format } from './format.js';
import { countWords } from './words.js';

export const report = (text) => {
  const letters = text.replaceAll(' ', '').length;
  return format([\`\${countWords(text)} words\`, \`\${letters} letters\`]);
};
`;

/** The task as a person would type it. */
export const TASK = 'Make the tests of this project pass.';

/** The honest model. */
export const next: Model = (results) => {
  const lost = (expected: string, at: number): Step => ({
    do: 'say',
    text: `${LOST}: step ${at + 1} should have shown ${expected}, but returned: ${results[at]?.slice(0, 600)}`,
  });
  const [folder = '', failing = '', test = '', words = '', format = '', , , , passing = ''] = results;
  const root = /\/\S+\/project\b/.exec(folder)?.[0];
  const path = (name: string) => `${root}/${name}`;
  const separator = /2 words(-[0-9a-f]{8}-)2 letters/.exec(test)?.[1];
  switch (results.length) {
    case 0:
      return { do: 'run', command: 'pwd' };
    case 1:
      return root === undefined ? lost('the folder', 0) : { do: 'run', command: 'npm test' };
    case 2:
      return /fail 1/.test(failing)
        ? { do: 'read', path: path('test/report.test.js') }
        : lost('a failure', 1);
    case 3:
      return separator === undefined ? lost('the test', 2) : { do: 'read', path: path('src/words.js') };
    case 4:
      return /length \+ 1/.test(words) ? { do: 'read', path: path('src/format.js') } : lost('the source', 3);
    case 5:
      if (!/ SEPARATOR /.test(format)) return lost('the source', 4);
      return { do: 'replace', path: path('src/words.js'), from: '.length + 1', to: '.length' };
    case 6:
      return { do: 'replace', path: path('src/format.js'), from: ' SEPARATOR ', to: separator ?? '' };
    case 7:
      return { do: 'create', path: path('src/report.js'), text: REPORT };
    case 8:
      return { do: 'run', command: 'npm test' };
    default:
      return /pass 3/.test(passing) ? { do: 'say', text: DONE } : lost('success', 8);
  }
};
