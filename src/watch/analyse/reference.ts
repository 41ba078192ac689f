/**
 * docs/reference/rules.md: every rule that comes with Ringfence, from the rules themselves.
 *
 * @module
 */
import { HAZARD_NAMES, HAZARDS } from '../../contract/index.ts';
import type { FormulaRule, SigmaCorrelation, SigmaDetection } from '../sigma/types.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** Markdown: rules by hazard, with level, techniques, what each does not see, and an example of what it finds. */
export function detectionReference(
  rules: readonly (SigmaDetection | SigmaCorrelation | FormulaRule)[],
): string {
  const lines = [
    '# Rules',
    '',
    'Generated from `rules/detections` and `rules/monitors`; do not edit. What a level leads to says `oversight.on.finding`. `ringfence rules test` runs their examples.',
    '',
  ];
  for (const hazard of HAZARD_NAMES) {
    const own = rules.filter(({ info }) => info.hazard === hazard);
    if (own.length === 0) continue;
    lines.push(`## ${hazard}`, '', `${HAZARDS[hazard]}`, '');
    lines.push(
      '| rule | level | looks at | techniques | finds, for instance | does not see |',
      '| --- | --- | --- | --- | --- | --- |',
    );
    for (const rule of own) {
      const { id, title, level, techniques, limit } = rule.info;
      const source =
        rule.kind === 'detection'
          ? (rule.source.category ?? '')
          : `several: ${rule.kind === 'monitor' ? 'a formula' : rule.type}`;
      const [example] = rule.examples.true;
      const shown = (example ?? []).map(({ fields }) =>
        String(
          fields.Script ??
            fields.TargetFilename ??
            fields.What ??
            fields.Claim ??
            fields.Line ??
            fields.QueryName ??
            '',
        ),
      );
      const code = shown.filter((text) => text !== '').map((text) => `\`\`${cell(text)}\`\``);
      lines.push(
        `| \`${id}\`<br>${cell(title)} | ${level} | ${source} | ${techniques.join(', ')} | ${code.join(', ')} | ${cell(limit)} |`,
      );
    }
    lines.push('');
  }
  return lines.join('\n');
}
