/**
 * `ringfence run`.
 *
 * @module
 */
import { readdirSync, rmSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { dirname, resolve } from 'node:path';
import { isatty } from 'node:tty';
import {
  createGroups,
  detectCgroups,
  type RunGroups,
  removeGroups,
  startTimeOf,
} from '../../cell/cgroups/index.ts';
import { attributesByLauncher, openClosed, readChanges } from '../../cell/changes/index.ts';
import { compilePlan, type GroupLimits } from '../../cell/plan/index.ts';
import {
  copyChanges,
  keepChanged,
  prepareReduced,
  reducedNotice,
  removeReducedFolders,
} from '../../cell/reduced/index.ts';
import { formatPath, neverCoverage, parsePath, positionOf } from '../../contract/index.ts';
import { loadKeys, makeRedactor } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { requireKnownContract } from '../contract-cache.ts';
import type { ValidContract } from '../contract-file.ts';
import { contractFile } from '../contract-name.ts';
import { CommandError } from '../errors.ts';
import { EXIT, exitCodeOfSignal } from '../exit-codes.ts';
import { ensureFolder, folders } from '../folders.ts';
import { installation, VERSION } from '../installation.ts';
import { questionLines } from '../questions.ts';
import type { Terminal } from '../terminal.ts';
import { admitRun, shippedFilters } from '../wiring/admission.ts';
import { keepBase } from '../wiring/base.ts';
import { writeChangeList } from '../wiring/change-list.ts';
import { type RunStatus, serveControl } from '../wiring/control-socket.ts';
import { exitStatus, isGradable } from '../wiring/exit-status.ts';
import { evidenceText } from '../wiring/feasible-evidence.ts';
import { gradeLines } from '../wiring/grade-summary.ts';
import { prepareInspection } from '../wiring/inspection.ts';
import { mendLeftovers, pidNamespace } from '../wiring/leftovers.ts';
import { hasThreadPidfds, hostUser, unprivilegedIds } from '../wiring/machine-facts.ts';
import { requireWritable, writeRecord } from '../wiring/record.ts';
import { makeRunFolder, type RunFacts, type RunFolder, writeFacts } from '../wiring/run-folder.ts';
import { exposure, knownSecrets } from '../wiring/secrets.ts';
import { Session } from '../wiring/session.ts';
import { alertLines, endLines, heldLines, startLines, statusLine, unjudgedLines } from '../wiring/summary.ts';
import { judgesOf, packagesOf, toolsOf } from '../wiring/supplies.ts';
import { removeSessionSocket, stopJob, terminalStreams, withSessions } from '../wiring/terminal.ts';

const PROBE_INTERVAL = 10_000;

/** Signals that are passed on to the program. Its own terminal tells it of a new size. */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;

function refuse(
  loaded: ValidContract,
  field: string,
  problem: string,
  hint: string,
  code: 'not-contained' | 'not-proved' = 'not-contained',
): never {
  const path = parsePath(field);
  const place = path && positionOf(loaded.source, formatPath(path));
  const where = place ? `${loaded.source.path}:${place.position.line}:${place.position.column}: ` : '';
  const exit = code === 'not-proved' ? EXIT.notProved : EXIT.notContained;
  throw new CommandError(code, `${where}${problem}; nothing was started`, hint, exit);
}

type Refusal = { field: string; problem: string; hint: string; code?: 'not-proved' };

/** @param learning `names` and `network`: as `learn` does, what is looked up is noted, or let through */
export async function run(
  { options, args, terminal }: Invocation<'run'>,
  learning?: 'names' | 'network',
): Promise<number> {
  if (args.length === 0) {
    throw new CommandError(
      'usage',
      'no program is named',
      'write: ringfence run -- COMMAND [ARG…]',
      EXIT.notContained,
    );
  }
  const loaded = await requireKnownContract(contractFile(options.contract));
  const { contract } = loaded;
  const never = neverCoverage(contract);
  const uncovered = contract.never.require.filter((hazard) => never[hazard]?.state === 'not covered');
  if (uncovered.length > 0) {
    refuse(
      loaded,
      'never.require',
      `never.require names ${uncovered.join(', ')}, which is not covered`,
      `${never[uncovered[0] as keyof typeof never]?.by ?? ''}`,
    );
  }

  const printed = options['dry-run'] && options.json === '-';
  if (options.json !== undefined && !printed) requireWritable(options.json);
  const host = hostUser(process.env);
  const ids = unprivilegedIds();
  if (host.uid === 0 && !ids.ok) {
    throw new CommandError(
      'not-contained',
      'you are root of a user namespace that knows no other user, and a cell is never root; nothing was started',
      'run it as an ordinary user, outside of that namespace, or map more users into it (subuid(5))',
      EXIT.notContained,
    );
  }
  const unprivileged = ids.ok ? ids.id : 0;
  const keys = loadKeys(ensureFolder(folders().keys));
  const folder = makeRunFolder(host.uid === 0 ? unprivileged : undefined);
  const groups = makeGroups(folder, loaded);
  const { launcher, gateway } = installation();
  const base = dirname(resolve(loaded.source.path));
  const inspection = prepareInspection({
    contract,
    run: folder.id,
    base,
    home: host.home,
    env: process.env,
    folder: folder.trust,
  });
  const abandon = async ({ field, problem, hint, code }: Refusal): Promise<never> => {
    await removeGroups(groups.groups.map(({ path }) => path));
    rmSync(folder.path, { recursive: true, force: true });
    refuse(loaded, field, problem, hint, code);
  };
  if (!inspection.ok) return await abandon(inspection);
  if (contract.objective.hidden?.files !== undefined) {
    const exposed = (await import('../../grade/index.ts')).hiddenExposure(contract, base, host.home);
    if (exposed) return await abandon(exposed);
  }
  const prepared = await packagesOf(contract, resolve(loaded.source.path), folder.id);
  if (prepared && !prepared.ok) return await abandon(prepared);
  const supply = prepared?.supply;
  const servers = await toolsOf(contract, resolve(loaded.source.path), host.home);
  if (servers && !servers.ok) return await abandon(servers);
  const tools = servers?.supply;
  const judged = await judgesOf({ contract, base, home: host.home, env: process.env, host, unprivileged });
  if (judged && !judged.ok) return await abandon(judged);
  const held = [...inspection.secrets, ...(judged?.keys ?? [])];
  const planInput = {
    ...inspection.plan,
    contract,
    base,
    command: args,
    cwd: process.cwd(),
    run: folder.id,
    folders: folder,
    host: { env: process.env, ...host },
    unprivileged,
    processors: availableParallelism(),
    groups: { limits: hardLimits(groups), folders: groups.groups },
    ...(supply && { packages: supply.indexes }),
    ...(tools && { tools: tools.servers }),
    pidfdThread: hasThreadPidfds(),
    probeInterval: PROBE_INTERVAL,
    filters: shippedFilters(),
  };
  const reduced = contract.isolation === 'landlock' ? prepareReduced(planInput, folder) : undefined;
  const compiled = reduced ?? compilePlan(planInput);
  if (!compiled.ok) return await abandon(compiled);
  const { workspace, limits } = compiled;
  const exposed = exposure(compiled.plan, held, workspace);
  if (exposed) return await abandon(exposed);
  const known = knownSecrets({ contract, base, home: host.home, env: process.env });
  const values = held.map(({ value }) => value);
  const secrets = [...new Set([...known, ...values, ...(tools?.secrets ?? [])])];
  const redactor = makeRedactor(keys.redactionKey, secrets);
  const direct =
    contract.files.workspace.mode === 'direct'
      ? (await import('../wiring/direct.ts')).prepareDirect(folder, compiled.plan, workspace)
      : undefined;
  if (direct && !direct.ok) return await abandon(direct);
  const streams = terminalStreams({ tty: options.tty, noTty: options['no-tty'] });
  const plan = withSessions(direct?.plan ?? compiled.plan, {
    id: folder.id,
    streams,
    clipboard: options.clipboard,
  });
  if (options['dry-run']) {
    if (reduced) removeReducedFolders(folder, 'all');
    await removeGroups(groups.groups.map(({ path }) => path));
    rmSync(folder.path, { recursive: true, force: true });
    const { showPlan } = await import('../dry-run.ts');
    const redact = (text: string) => redactor.text(text);
    showPlan(
      { contract, path: loaded.source.path, plan, workspace, limits, redact },
      options.json,
      terminal.out,
    );
    return EXIT.ok;
  }
  const admitted = await admitRun(plan, {
    input: planInput,
    ...(reduced?.ok && { copy: reduced.folders }),
    ...(direct && { present: direct.present }),
    secrets: values,
    clipboard: options.clipboard,
    script: gateway,
    inspection: inspection.gateway,
    supply,
    tools,
    learning,
  });
  if (!admitted.ok) {
    if (reduced) removeReducedFolders(folder, 'all');
    const { breaches, problem, hint } = admitted;
    return await abandon({ field: breaches[0]?.clause ?? '', problem, hint, code: 'not-proved' });
  }
  const command = redactor.argv(args);
  const source = { name: contract.name, path: resolve(loaded.source.path), sha256: loaded.source.sha256 };
  const facts: RunFacts = {
    version: 1,
    id: folder.id,
    name: options.name ?? contract.name,
    contract: source,
    command,
    workspace,
    started: new Date().toISOString(),
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    pidNamespace: pidNamespace(),
    groups: groups.groups.map(({ path }) => path),
    protect: contract.objective.success?.protect ?? [],
    ...(reduced?.ok && { copy: reduced.copy }),
    ...(direct && { direct: true }),
  };
  writeFacts(folder, facts);

  const session = new Session({
    folder,
    plan: admitted.plan,
    contract,
    ...(reduced?.ok ? reduced.works : { workspace }),
    writable: compiled.writable,
    launcher,
    gateway: admitted.gateway,
    home: host.home,
    packages: supply,
    tools,
    judges: judged?.judges,
    keys,
    secrets,
    start: {
      contract: source,
      command: args,
      cwd: process.cwd(),
      isolation: contract.isolation,
      version: VERSION,
      limits,
      never,
    },
    terminal: streams.length > 0,
    onSuspended: () => stopJob(streams.length > 0),
    onStart: () => {
      if (options.quiet) return;
      const { id } = folder;
      const evidence = evidenceText({ ...loaded, workspace })?.text;
      const lines = startLines({
        id,
        contract,
        path: loaded.source.path,
        workspace,
        limits,
        never,
        evidence,
      });
      if (supply) lines.push(...supply.notice);
      if (tools) lines.push(...tools.notice);
      if (reduced?.ok) lines.push(...reducedNotice(reduced.copy));
      if (direct) lines.push(...direct.notice);
      say(terminal, lines);
    },
    onQuestion: (question) => {
      // a line of ours would spoil a full-screen program, unless that is frozen: ps and questions show it
      if (question.effect === 'finding' || (!options.quiet && !(isatty(0) && isatty(1))))
        say(terminal, questionLines(folder.id, question, terminal.columns()));
    },
    onFinding: (finding) => {
      if (!options.quiet && !(isatty(0) && isatty(1))) say(terminal, alertLines(finding));
    },
    onUnjudged: (judgement) => {
      if (!options.quiet && !(isatty(0) && isatty(1))) say(terminal, unjudgedLines(judgement));
    },
    onHeld: (reason) =>
      say(terminal, heldLines(folder.id, reason, session.started + contract.compute.time.max - Date.now())),
  });
  const forwarded = streams.length > 0 ? FORWARDED.filter((name) => name !== 'SIGWINCH') : FORWARDED;
  for (const name of forwarded) process.on(name, () => session.signal(constants.signals[name]));
  process.on('SIGTSTP', () => session.suspend());
  process.on('SIGCONT', () => session.resume());
  const control = await serveControl(folder.id, (request) => {
    if (request.do === 'status') return statusOf(facts, session);
    if (request.do === 'freeze') session.freeze(request.by);
    if (request.do === 'thaw') return session.thaw(request.by);
    if (request.do === 'stop') session.stop('stopped', 'grace', request.by);
    if (request.do === 'kill') session.stop('stopped', 'once', request.by);
    if (request.do === 'questions' || request.do === 'answer' || request.do === 'allow')
      return session.approvals.handle(request);
    return { ok: true };
  });
  const redraw = terminal.interactive && !options.quiet && !process.stdout.isTTY && streams.length === 0;
  const ticker = redraw
    ? setInterval(
        () =>
          process.stderr.write(
            `\r\u001b[K${statusLine(session.tally, contract, Date.now() - session.started, session.approvals)}`,
          ),
        1000,
      )
    : undefined;

  const running = session.run();
  // while the launcher is at work this thread has nothing to do; what fails is tried again by the next command
  const mending = mendLeftovers(keys, 10).catch(() => []);
  let outcome = await running;
  clearInterval(ticker);
  if (redraw) process.stderr.write('\r\u001b[K');
  control.close();
  removeSessionSocket(folder.id);
  await removeGroups(facts.groups);
  if (!outcome.contained) {
    if (reduced) removeReducedFolders(folder, 'all');
    const exit = outcome.signal === undefined ? EXIT.notContained : exitCodeOfSignal(outcome.signal);
    await session.finish(outcome, { added: 0, changed: 0, deleted: 0 });
    writeFacts(folder, {
      ...facts,
      ended: new Date().toISOString(),
      exit,
      reason: outcome.problem,
    });
    throw new CommandError('not-contained', outcome.problem, outcome.hint, exit);
  }

  const startedAt = session.started;
  const modes = reduced || direct ? undefined : openClosed(folder.upper, folder.modes);
  const found = reduced?.ok
    ? copyChanges({ original: workspace, copy: reduced.copy, manifest: reduced.manifest, startedAt })
    : direct
      ? (await import('../wiring/direct.ts')).directChanges(folder, workspace)
      : readChanges({
          lower: workspace,
          upper: folder.upper,
          attributes: readdirSync(folder.upper).length === 0 ? noAttributes : attributesByLauncher(launcher),
          startedAt,
          ...(modes && { modes }),
        });
  if (reduced?.ok) {
    keepChanged(reduced.copy, found);
    writeChangeList(folder.changes, found);
    removeReducedFolders(folder, found.changes.some(({ after }) => after) ? 'temporary' : 'all');
  }
  if (!direct) keepBase(folder, workspace, found);
  const { summary } = found;
  const changes = {
    added: summary.added,
    changed: summary.modified + summary.mode + summary.renamed,
    deleted: summary.deleted,
  };
  const elapsed = Date.now() - session.started;
  const success = contract.objective.success !== undefined && !options['no-grade'];
  const grade =
    success && isGradable(outcome.reason)
      ? await (await import('../wiring/grade-after.ts')).gradeAfterRun(session, {
          loaded,
          folder,
          workspace,
          found,
          copy: reduced?.ok ? reduced.copy : undefined,
          host,
          unprivileged,
          redact: (text) => redactor.text(text),
        })
      : undefined;
  if (found.changes.length > 0) {
    const { leftBy } = await import('../wiring/changed-texts.ts');
    session.left = leftBy({
      changes: found,
      lower: direct ? (await import('../wiring/direct.ts')).snapshotPath(folder) : workspace,
      upper: reduced?.ok ? reduced.copy : direct ? workspace : folder.upper,
      protect: contract.objective.success?.protect ?? [],
    });
  }
  if (!(await session.finish(outcome, changes)))
    outcome = {
      ...outcome,
      reason: outcome.reason === 'ended' ? 'unrecorded' : outcome.reason,
      incomplete: true,
    };
  const status = exitStatus(outcome, options['require-grade'] === true, grade);
  const ended = new Date().toISOString();
  writeFacts(folder, { ...facts, ended, exit: status, reason: outcome.reason, ...(grade && { grade }) });
  if (options.json !== undefined) {
    writeRecord(options.json, {
      version: 1,
      run: folder.id,
      ringfence: VERSION,
      contract: source,
      command,
      workspace,
      started: facts.started,
      ended,
      exit: { ...outcome.exit, status },
      reason: outcome.reason,
      incomplete: outcome.incomplete,
      isolation: contract.isolation,
      effective: outcome.effective,
      never,
      limits,
      totals: session.tally.totals,
      denials: session.tally.denials,
      violations: session.tally.violations,
      findings: session.tally.findings,
      ...(session.tally.unjudged.length > 0 && { unjudged: session.tally.unjudged }),
      reached: session.tally.limits,
      flows: session.tally.flows,
      changes: found.changes.map(({ shown, kind, after, executable }) => ({
        path: shown,
        kind,
        ...(after && { type: after.type }),
        executable,
      })),
      ...(grade && { grade }),
      originalChanged: found.originalChanged.map((path) => path.toString()),
      ledger: folder.ledger,
    });
  }
  if (!options.quiet) {
    const lines = endLines({
      id: folder.id,
      reason: outcome.reason,
      exit: outcome.exit,
      elapsed,
      tally: session.tally,
      changes,
      changed: found.changes.map(({ shown }) => shown),
      incomplete: found.complete ? undefined : found.reason,
    });
    if (grade) lines.splice(-1, 0, ...gradeLines(grade, folder.id));
    say(terminal, lines);
  }
  if (session.failure)
    terminal.err(
      `${terminal.style('red', 'ringfence:', 'err')} ${session.failure.problem}\n  ${session.failure.hint}`,
    );
  await mending;
  return status;
}

/** For a run that changed nothing there is no program to ask. */
const noAttributes = () => ({ ok: true as const, attributes: [] });

/** Lines of which the first says whose they are. */
function say(terminal: Terminal, [first = '', ...rest]: readonly string[]): void {
  terminal.err(`${terminal.style('dim', 'ringfence:', 'err')} ${first}`);
  for (const line of rest) terminal.err(line);
}

function makeGroups(folder: RunFolder, { contract }: ValidContract): RunGroups {
  return createGroups(detectCgroups(), folder.id, {
    memory: contract.compute.memory.max,
    cpus: contract.compute.cpus.max,
  });
}

function hardLimits(groups: RunGroups): GroupLimits {
  const hard: GroupLimits = {};
  for (const name of ['cpus', 'memory', 'processes'] as const) {
    const limit = groups.limits[name];
    if (limit?.state === 'hard') hard[name] = limit.how;
  }
  return hard;
}

function statusOf(facts: RunFacts, session: Session): RunStatus {
  const { id, name, pid, command, workspace, started } = facts;
  const { events, flows, denials } = session.tally.totals;
  return {
    id,
    name,
    pid,
    command,
    workspace,
    started,
    events,
    flows,
    denials,
    ...session.approvals.counts,
    processes: session.tally.resources?.processes ?? 0,
  };
}
