/** What holds for every command; the rest of docs/cli.md is read off the program. */
export const CLI_PREAMBLE = `\
\`oc-supervise COMMAND --help\` prints the same, for the version you have. In the checkout, type \`npx oc-supervise\`.
Names that you may know from other systems: [compatibility](compatibility.md#names-from-other-systems).

**Which system.** Commands about a system take one of these; the first that is given counts:

| option | names |
|---|---|
| \`--state-dir DIR\` | the folder that holds \`status.json\`; no manifest is read |
| \`--name NAME\` | a system in the default state folder (\`$XDG_STATE_HOME/oc-supervise\`, else \`~/.local/state/oc-supervise\`); no manifest is read |
| \`--manifest FILE\` | the manifest; without it \`$OC_SUPERVISE_MANIFEST\`, then \`./oc-supervise.yaml\` |

\`status\` refuses more than one of them.

**Output.** \`--json\` prints one JSON object; lists stand under their plural noun: \`{"tasks": [{"id": …, "state": "Done"}]}\`. Errors go to
standard error as what, which and the remedy. \`OC_SUPERVISE_DEBUG=1\` adds the stack. \`NO_COLOR\` turns colours off.

**Exit codes.** 0 ok; 1 failed or refused, with a code in the JSON; 2 wrong usage or input. Where a command has more, they are listed with it.

**Asking and telling.** No command changes a task by itself. \`stop\`, \`pause\`, \`unpause\` and \`restart\` ask the running supervisor and print its
answer; \`task\` and \`gate\` leave what a person wants in the journal, and say whether somebody is there to take it up or the next \`run\` will.`
