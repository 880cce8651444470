/** Messages of alerts, settings and reports. They come with those pages: in `words.ts` everybody would carry them at the first load. */

const some = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

export const desk = {
  tabs: { open: 'Open', silenced: 'Silenced', history: 'History', insights: 'Insights', rules: 'Rules' },
  tabsLabel: 'Lists of alerts',
  test: 'Test alert',
  testing: 'Sending …',
  tested: 'Test alert sent by every route.',
  testedFailed: (n: number) => `${some(n, 'route')} did not take the test alert.`,
  noRoutes: 'Nobody is told: there is no route yet.',
  addRoute: 'Add one in the settings',

  row: {
    rule: 'Rule',
    howTo: 'Read more',
    all: (n: number) => `All ${n}`,
  },

  silence: {
    ask: (what: string) => `Silence ${what}?`,
    what: (rule: string, node: string, satellite: string | null) => `${rule} on ${node}${satellite ? ` at ${satellite}` : ''}`,
    everyRule: 'every rule', everyNode: 'every node', everySatellite: 'every satellite',
    rule: 'Rule', span: 'For how long', other: 'other', hours: 'Hours',
    hosts: (names: string) => `On every node of ${names}.`,
    body: (until: string) => `Until ${until} nothing is sent of it; it stays listed. It ends by itself.`,
    bad: 'Choose more than 0 and at most 8760 hours, which is a year.',
    working: (node: string) => `Working on ${node}? Maintenance ends by itself once it is back.`,
    over: 'Nothing silences it any more.',
    again: 'Silent again.',
    begin: 'Silence…',
    until: (time: string, left: string) => `until ${time}, ${left} left`,
    maintenance: (node: string) => `everything on ${node}`,
    maintenanceUntil: (time: string) => `maintenance until ${time}, or until the first transfer after a restart`,
    holds: (n: number) => `${some(n, 'open alert')} silent`,
    holdsNone: 'nothing open',
    cannot: (agent: string, text: string) => `The silences of ${agent} cannot be read: ${text}`,
  },

  history: {
    head: 'Closed alerts', recent: 'Closed, last 30 days', all: 'All',
    what: 'Alert', node: 'Node', opened: 'Opened', lasted: 'Lasted', ended: 'What ended it',
    more: 'Show earlier', reading: 'Reading …', none: 'No alert has closed yet.', noneFit: 'No closed alert fits.',
    noneRecent: 'No alert has closed within 30 days.',
    cannot: (agent: string, text: string) => `The history of ${agent} cannot be read: ${text}`,
    unwatched: 'The node is no longer watched.',
    yes: (keep: string) => (keep ? `It was no longer so ${keep}.` : 'It was no longer so.'),
    back: (clear: string) => `It was back ${clear}.`,
    backAt: (value: string, clear: string) => `It was back at ${value}; it closes ${clear}.`,
    cleared: 'Its rule no longer held.',
  },

  told: {
    last: (time: string, route: string, after: string) => `The last notice went out at ${time} by ${route}, ${after} after the alert opened.`,
    by: (routes: { route: string; time: string }[]) => `Told by ${routes.map(({ route, time }) => `${route} at ${time}`).join(', ')}.`,
    none: 'No notice of it has gone out yet.',
  },

  insights: {
    head: 'Insights', open: 'Now', recent: 'Last 30 days', none: 'Nothing is out of its usual range.', noneRecent: 'Nothing was out of its usual range.',
    since: (time: string, span: string) => `since ${time}, ${span}`, lasted: (from: string, span: string) => `${from}, for ${span}`,
    cause: (text: string) => `Likely cause: ${text}`,
    settled: 'It stayed so for two weeks and is usual now.',
    learning: (n: number) => `Still learning what is usual on ${some(n, 'node')}: nothing is raised meanwhile.`,
    learned: 'What is usual is learned from up to 8 weeks, by hour of the week.',
    value: 'Value', expected: 'Expected', range: 'Usual range', when: 'When',
    spark: 'The last 24 hours', more: (n: number) => `All ${n}`,
  },

  rules: {
    head: 'What is watched', below: (n: number) => some(n, 'rule'), none: 'No rule fits.', find: 'Find a rule',
    scope: { all: 'All', node: 'Node', satellite: 'Satellite', agent: 'Agent' } as Record<string, string>, scopeLabel: 'About',
    open: (n: number) => `${n} open`, cost: 'What it costs', next: 'Next step', needs: 'Needs', link: 'Read more', change: 'Change it in the settings',
    severity: 'Severity', fires: 'Opens', lets: 'Closes', limit: 'Setting',
    when: { yes: 'when it is so', no: 'when it is no longer so' },
    at: { above: (value: string) => `at ${value} and above`, below: (value: string) => `at ${value} and below` },
    over: (value: string) => `above ${value}`, under: (value: string) => `below ${value}`,
    lasting: (span: string) => `for ${span}`, own: (text: string) => `the rule’s own: ${text}`,
    cannot: (text: string) => `The rules cannot be read: ${text}`,
    aNode: 'the node', aSatellite: 'a satellite',
    /** Rules whose sentence is made anew each time: what they look at. */
    watches: {
      no_traffic: 'Lines come, but no transfer is among them.',
      version_minimum: 'The node runs a version older than the satellites ask for.',
      version_due: 'A newer version has been offered to the node for days.',
      log_unknown: 'Lines of the node’s log are not understood.',
      payout_low: 'The payout of last month is lower than was estimated.',
      disk_forecast: 'The disk of the node will be full soon.',
      no_data: 'A source that answered before has stopped to answer.',
      success_rate: 'The share of transfers that end well is far below its usual range.',
      traffic_unusual: 'Traffic, errors or durations are far from their usual range.',
      agent_broker: 'The MQTT broker is away, or refuses what is published.',
      agent_conflict: 'Two agents watch the same node.',
      agent_disk: 'The data folder of the agent is full or cannot be written.',
      clock_wrong: 'The clock of the node is off.',
      storage_gone: 'The storage folder of the node is gone, empty or read-only.',
    } as Record<string, string>,
  },

  notices: {
    head: 'Where notices go', routes: 'Routes', works: 'works', failing: (said: string) => `refused: ${said}`, waiting: (n: number) => `${some(n, 'message')} waiting`,
    elsewhere: (agent: string) => `Routes of ${agent}`,
  },

  past: {
    head: 'Looking back', on: (node: string) => `On ${node}:`, see: 'See them', list: (n: number) => (n === 1 ? 'The alert' : `The ${n} alerts`), history: 'History of alerts',
    still: 'still open where the logs end', lasted: (span: string) => `for ${span}`, cut: (n: number) => `The first ${n} are listed.`,
  },

  settings: {
    parts: { browser: 'This browser', notify: 'Notifications', thresholds: 'Thresholds', carry: 'Export and import', nodes: 'Nodes seen', agents: 'Agents' },
    partsLabel: 'Parts of the settings',
    of: (agent: string) => `of the agent on ${agent}`,
    elsewhere: 'Other agents are set up on their own pages:', elsewhereNone: (agent: string) => `${agent} (its page has no address)`,
    cannot: (text: string) => `The settings cannot be read: ${text}`, older: 'the agent is older than this page. Update it.',
    file: (value: string) => `In the file: ${value}.`, reset: 'Reset',
    saved: (what: string, value: string) => `${what} is ${value} now.`, wasReset: (what: string) => `${what} is as in the file again.`,
    unset: 'not set',
  },

  routes: {
    head: 'Routes', below: 'who is told', none: 'There is no route: alerts are shown here and published to MQTT, but nobody is told.',
    add: 'Add route…', change: 'Change…', remove: 'Remove', reset: 'Reset', test: 'Test', testAll: 'Test all routes',
    failing: 'refused', never: 'no alert sent yet', last: (time: string) => `last sent ${time}`, next: (time: string) => `next try ${time}`,
    from: { file: 'from the file', page: 'made on this page', both: 'from the file, changed here' } as Record<string, string>,
    severities: { critical: 'critical', warning: 'warning', info: 'info' } as Record<string, string>,
    allNodes: 'all nodes', quiet: 'keeps quiet hours', loud: 'also in quiet hours', notices: 'notices, too', digest: 'digest',
    askAdd: 'Tell whom, and how?', askChange: (name: string) => `Change the route ${name}?`, askRemove: (name: string) => `Remove the route ${name}?`,
    name: 'Name', nameHint: 'phone', nameBad: 'A name is 1 to 40 of a–z, 0–9, _ and -.', taken: 'There is a route of this name.',
    url: 'Address', urlHelp: 'A secret: it is kept by the agent and never shown again beyond its host. Each line is an example.', urlKept: 'Leave it empty to keep the one there is.',
    examples: ['ntfys://ntfy.sh/a-topic-nobody-guesses', 'mailtos://USER:PASSWORD@HOST?to=ADDRESS', 'tgram://TOKEN/CHAT', 'webhook+https://HOST/PATH'],
    which: 'Which alerts', nodes: 'Of which nodes', nodesNone: 'None chosen means all, and those to come.', also: 'And', quietLabel: 'Keep the quiet hours', noticesLabel: 'Notices, too, which are no alerts', digestLabel: 'The digest',
    addMain: (name: string) => `Add ${name || 'route'}`, changeMain: (name: string) => `Change ${name}`, removeMain: (name: string) => `Remove ${name}`,
    removeBody: 'Messages that wait for it are dropped. Nobody is told by it any more.', removeFileBody: 'It stands in the settings file and stays there; here it is switched off until it is reset.',
    added: (name: string) => `${name} is told from now on.`, changedToast: (name: string) => `${name} is changed.`, removed: (name: string) => `${name} is told nothing any more.`, wasReset: (name: string) => `${name} is as in the file again.`,
    pick: 'Choose at least one severity.', removedHere: 'in the file, switched off here',
  },

  notify: {
    head: 'Quiet hours and digest', quiet: 'Quiet hours', quietBelow: 'Only critical alerts break through; the rest waits until they end.', from: 'From', to: 'to', none: 'none', on: 'on', off: 'off',
    zone: 'Time zone', digest: 'Digest', digests: { off: 'off', daily: 'daily', weekly: 'weekly, Mondays' } as Record<string, string>, time: 'Digest at',
    badZone: 'Choose a time zone such as Europe/Berlin or UTC.',
  },

  thresholds: {
    head: 'Thresholds', below: 'from which number on an alert opens', who: 'For', all: 'All nodes', find: 'Find a threshold', changed: (n: number) => `Changed ${n}`, every: (n: number) => `All ${n}`, show: 'Show',
    none: 'No threshold fits.', above: 'at this number and above', under: 'at this number and below',
    label: (rule: string, severity: string, below: boolean, where: string) => `${rule}, ${severity}, on ${where}: at and ${below ? 'below' : 'above'}`,
    set: { node: 'Set for this node.', all: 'Set for all nodes.' },
    bad: (least: string, most: string) => `From ${least} to ${most}.`,
    saved: (what: string, value: string, where: string) => `${what} opens at ${value} on ${where} now.`, wasReset: (what: string, where: string) => `${what} on ${where} is as in the file again.`,
    everyNode: 'every node',
  },

  carry: {
    head: 'Export and import', body: 'What is in effect and can be set here, as TOML: to keep, or to take to another agent.',
    secrets: 'Include the addresses of routes, which are secrets', exportMain: 'Export settings', exportSecrets: 'Export with secrets', exported: 'Exported.',
    importBody: 'Choose a file that was exported here or by another agent. What it would change is shown before anything is changed.', file: 'File (TOML)',
    look: (name: string) => (name ? `Look into ${name}` : 'Look into the file'), apply: (n: number) => `Apply ${some(n, 'change')}`, cancel: 'Cancel',
    would: (n: number) => (n ? `It would make ${some(n, 'change')}:` : 'It would change nothing: all of it is so already.'), caption: 'What would change', what: 'What', was: 'Now', becomes: 'Then',
    changed: (n: number) => (n ? `${some(n, 'change')} made:` : 'Nothing had to be changed.'), tooBig: 'This file is too large to be settings.',
    of: (what: string, where: string) => `${what} on ${where}`, route: (name: string) => `Route ${name}`, routeField: (name: string, field: string) => `Route ${name}, ${field}`,
    nothing: 'none', yes: 'yes', no: 'no', stays: (value: string) => `stays at ${value}`, another: (value: string) => `another one, also at ${value}`,
    notify: { quiet_hours: 'Quiet hours', timezone: 'Time zone', digest: 'Digest', digest_time: 'Digest at' } as Record<string, string>,
    fields: { url: 'address', severities: 'alerts', nodes: 'nodes', quiet: 'keeps quiet hours', notices: 'notices, too', digest: 'digest' } as Record<string, string>,
  },

  nodes: { head: 'Nodes seen', below: 'every node this agent has ever had', name: 'Node', id: 'Node id', first: 'First seen', followed: 'Watched', yes: 'yes', no: 'no more', log: 'Log', api: 'API', none: 'No node has been seen yet.' },

  forget: {
    act: 'Forget…', ask: (agent: string) => `Forget the agent on ${agent}?`, main: (agent: string) => `Forget ${agent}`, done: (agent: string) => `${agent} is forgotten.`,
    body: 'It is away. What the broker still has of it and of its nodes goes, on every page and in Home Assistant; its history stays on its host. It is back as soon as it runs again.',
  },

  browser: {
    thisBrowser: 'This browser', units: 'Sizes', decimal: 'TB, 1000', binary: 'TiB, 1024', keys: 'Single keys', on: 'on', off: 'off',
    installable: 'The browser can install this page as an app; it then starts without the agent, too.',
    notInstallable: 'This page cannot be installed as an app: browsers allow that only over https or on localhost. A reverse proxy with a certificate does it.',
    keyboard: 'Keyboard', keyNames: { find: 'Find', next: 'Next, previous', open: 'Open', back: 'Back', explain: 'Explain all' },
    agents: 'Agents', cost: 'what they cost their host', thisAgent: (version: string) => `this page comes from version ${version}`,
    host: 'Host', state: 'State', up: 'online', away: 'away', cpu: 'CPU', memory: 'Memory', lag: 'Lag', hostCpu: 'CPU of the host', hostWait: 'iowait of the host',
  },

  reports: {
    periods: { day: 'Day', week: 'Week', month: 'Month', year: 'Year' }, period: 'Period', agent: 'Agent', before: 'Before', after: 'After', print: 'Print',
    head: (period: string, span: string) => `${period} report, ${span} (UTC)`, running: 'still running',
    failed: (text: string) => `The report cannot be shown: ${text}`, none: 'This agent has no node to report on.',
    traffic: 'Traffic', out: 'Out', in: 'In', download: 'Download', upload: 'Upload', repair: 'Repair', audit: 'Audit',
    storage: 'Storage, at the end', used: 'Used', change: 'Change', free: 'Free', trash: 'Trash', allocated: 'Allocated',
    money: 'Money', earned: 'Earned', estimate: 'Estimate', paid: 'Paid', costs: 'Costs', profit: 'Profit',
    auditScore: 'Audit score', suspensionScore: 'Suspension score', onlineScore: 'Online score', lowest: (last: string, lowest: string) => `${last} (lowest ${lowest})`,
    chosen: (n: number, of: number) => `${n} of ${of} nodes, as chosen in the header`,
    label: 'In short', stored: 'Stored, at the end', earnedLabel: 'Earned', paidSub: (value: string) => `paid ${value}`, estimateSub: (value: string) => `estimate ${value}`, changeSub: (value: string) => `${value} in this time`,
    lowestLabel: 'Lowest score', every: 'every score of every satellite', scoreOf: (score: string, node: string, name: string) => `${score}, ${node} on ${name}`, weight: 'Events', critical: (n: string) => `${n} critical`, weightSub: (n: string) => `and ${n} ${n === '1' ? 'warning' : 'warnings'}`,
    noMoney: 'Money is booked by the month.', noMoneySub: 'booked by the month', toMonth: 'See the month',
    perfect: (n: number) => `${n === 1 ? 'The other one has' : `The other ${n} have`} 100.00% in all three scores.`, allPerfect: 'Every satellite gives every node 100.00% in all three scores.', showAll: 'Show them', times: (n: number) => `${n} ×`, last: 'Last', more: 'There was more than is listed here.',
    happened: 'What happened', events: (critical: string, warning: string) => `${critical} critical, ${warning} warnings`, quiet: 'No warning, and nothing critical.',
  },
}

export { some }
