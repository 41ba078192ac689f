/**
 * Patterns of protected files. Unlike a shell's, a star here stands for names that begin with a dot as well: a pattern that
 * silently leaves `.mocharc.json` out would protect nothing.
 *
 * @module
 */

const SPECIAL = /[\\^$+.()|]/g;

/** One segment: `*`, `?`, `[…]` and `{a,b}`. */
function segmentPattern(segment: string): RegExp {
  let source = '';
  for (let at = 0; at < segment.length; at++) {
    const character = segment[at] as string;
    const end = character === '[' ? segment.indexOf(']', at + 2) : -1;
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (end > 0) {
      const inner = segment
        .slice(at + 1, end)
        .replaceAll('\\', '\\\\')
        .replace(/^!/, '^');
      source += `[${inner}]`;
      at = end;
    } else if (character === '[' || character === ']') source += `\\${character}`;
    else source += character.replace(SPECIAL, '\\$&');
  }
  return new RegExp(`^${source}$`, 'su');
}

/** `{a,b}c` → `ac`, `bc`; braces without a comma or an end are themselves. */
export function expandBraces(pattern: string): string[] {
  const found = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(pattern);
  if (!found) return [pattern.replace(/[{}]/g, '?')];
  const [, before = '', choices = '', after = ''] = found;
  return choices.split(',').flatMap((choice) => expandBraces(before + choice + after));
}

type Part = RegExp | '**';

function matchParts(parts: readonly Part[], names: readonly string[], part: number, name: number): boolean {
  // what a pattern names is protected with all that is below it
  if (part === parts.length) return true;
  const wanted = parts[part] as Part;
  if (wanted === '**') {
    for (let skip = name; skip <= names.length; skip++) {
      if (matchParts(parts, names, part + 1, skip)) return true;
    }
    return false;
  }
  return (
    name < names.length && wanted.test(names[name] as string) && matchParts(parts, names, part + 1, name + 1)
  );
}

/**
 * A matcher of paths relative to the workspace. A pattern that names a folder, `test/**` and `test` alike, means the folder
 * itself and everything below it.
 */
export function protectedBy(patterns: readonly string[]): (path: string) => boolean {
  const compiled = patterns.flatMap(expandBraces).map((pattern) => {
    const names = pattern.split('/').filter((name) => name !== '');
    while (names.length > 1 && names.at(-1) === '**') names.pop();
    return names.map((name): Part => (name === '**' ? '**' : segmentPattern(name)));
  });
  return (path) => {
    const names = path.split('/');
    return compiled.some((parts) => parts.length > 0 && matchParts(parts, names, 0, 0));
  };
}
