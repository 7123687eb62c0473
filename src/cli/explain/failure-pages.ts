import type { FailureClass } from '../../contracts/failure.ts'

/** What one class of failure means, and what a person does about it. */
interface FailurePage {
  readonly means: string
  readonly remedy: string
}

/** A page a failure class; what we do by ourselves stands in machines/durable/failure-rules.ts. */
export const FAILURE_PAGES: Readonly<Record<FailureClass, FailurePage>> = {
  invalid_task: {
    means:
      'The task cannot be worked on as it is: an unknown repository or lane, or a body that does not parse.',
    remedy: 'Read the reason, correct the task or add the repository to the manifest.',
  },
  scope_policy: {
    means:
      'The policy says no: to the plan before anything ran, or to the real diff, which left the allowed paths or limits.',
    remedy:
      'Narrow the task, or widen allowed_paths or the limits if the change is meant. Changing policy takes a restart.',
  },
  secret_detected: {
    means:
      'What the commit adds holds a secret of this manifest, or something that looks like one. Nothing was pushed.',
    remedy:
      'Take it for leaked: revoke it first. If it is made up, for a test, name its file in repos.NAME.secret_paths.',
  },
  check_tampering: {
    means:
      'The change works on what judges it: it deletes, skips or weakens tests, silences checks, or edits CI or what the checks run.',
    remedy:
      'Read the finding. If it is meant: label the task allow-test-changes, or set repos.NAME.tampering to review, so that a person decides.',
  },
  oom: {
    means: 'The agent or a check was ended for want of memory, by the kernel or by its ceiling.',
    remedy: 'Lower the concurrency, raise the memory, or cut the task into smaller ones.',
  },
  timeout: {
    means: 'The agent or a check ran into its ceiling of wall-clock or idle time.',
    remedy: 'Look into the log for what it waited for; raise the timeout only if it was really working.',
  },
  quota_exhausted: {
    means:
      "The agent's provider says that the quota or credit is used up, or a budget of the agent's own or of the task is. The task is put off until it can go on; one that used up its own budget stops.",
    remedy: 'Wait, raise the quota or the budget (`oc-supervise spend`), or give the lane another agent.',
  },
  rate_limited: {
    means:
      "The agent's provider or the forge asks to come back later, or the agent's own concurrency or breaker does. The task is put off, which counts as no attempt.",
    remedy: 'Usually nothing: it goes on by itself. If it stays, lower the concurrency.',
  },
  auth: {
    means: 'Credentials are missing, expired or refused: those of the agent, or of the remote.',
    remedy: "Renew them where the manifest's auth or the remote's URL takes them from.",
  },
  model_error: {
    means: "The agent's provider failed on its side.",
    remedy: "Usually nothing: it is tried again. If it stays, look at the provider's own status page.",
  },
  context_limit: {
    means: 'The agent filled its context before it was done.',
    remedy: 'Cut the task into smaller ones, or name the files it needs.',
  },
  dependency_missing: {
    means: 'A program or package that agent or checks need is not there.',
    remedy: "Install it, or add the command that does to the repository's setup.",
  },
  awaiting_input: {
    means: 'The agent asks a question and does not go on without the answer.',
    remedy: 'Answer it; the task goes on with the answer in its prompt.',
  },
  flaky_test: {
    means:
      'A check failed that fails often without a reason in the work: in three of its last ten runs or more.',
    remedy: 'Steady the test. Until then, retries of that check in the manifest carry it.',
  },
  validation_failure: {
    means: 'The checks fail on the committed work, or the review asked for changes that did not come.',
    remedy:
      'Read the excerpt of the failing check; run it yourself on the saved commit. Correct the task if it asks for the wrong thing.',
  },
  merge_conflict: {
    means: 'The work does not merge into its base any more, or the base keeps moving under it.',
    remedy: 'Retry on the new base, or merge by hand.',
  },
  publish_failed: {
    means:
      'Push or pull request did not go through, or the remote shows something else than was pushed. So it is not done.',
    remedy:
      "See why the remote refuses: rights, branch protection, hooks. The commit is kept in the attempt's mirror.",
  },
  tool_failure: {
    means:
      'The agent ended with an error of its own or of a tool it used, or by a signal twice in a row that nobody of ours sent.',
    remedy: "Read the end of the agent's errors: oc-supervise logs RUN.",
  },
  infra_tooling: {
    means:
      'Something of ours or of this host failed: disk, git, network, the journal. Or a rule that holds for every agent said not now (a maintenance window, a budget, a busy repository), and the task is put off.',
    remedy: 'Run oc-supervise doctor; what passes by itself was tried again several times before.',
  },
  no_op: {
    means: 'The agent ended well and changed nothing.',
    remedy: 'The task may be done already, or not say what is to change. Say it more exactly, or cancel it.',
  },
  no_progress: {
    means:
      'The agent fell silent, took more turns than it may, or went on calling tools without anything new coming of it.',
    remedy: 'Read what the attempts did, then change the task: the same again will not help.',
  },
  unknown: {
    means: 'Nothing that we know explains it.',
    remedy: "Read the run's evidence: result.json, agent_stderr.txt, execution_trace.json.",
  },
}
