#!/usr/bin/env node
'use strict'
// Old syntax on purpose: this file must run on any Node to say which Node is needed.
var major = Number(process.versions.node.split('.')[0])
if (process.platform === 'win32') {
  process.stderr.write('oc-supervise: Windows is not supported; run it inside WSL2.\n')
  process.exit(1)
}
if (major < 24) {
  process.stderr.write(
    'oc-supervise: needs Node 24 or newer, this is Node ' +
      process.versions.node +
      '. In a checkout, `npx oc-supervise …` after `npm ci` brings its own Node 24.\n',
  )
  process.exit(1)
}
import('../../dist/src/cli/main.js').catch((error) => {
  process.stderr.write(
    'oc-supervise: cannot start: ' + error.message + '. If dist/ is missing, run `npm run build`.\n',
  )
  process.exit(1)
})
