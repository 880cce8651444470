/** The icons and hatches, drawn once; each state has its own shape. */

const PATHS: Record<string, string> = {
  ok: 'M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0M5.2 8.3l2 2 3.7-4.2',
  warn: 'M8 2 15 14H1ZM8 6.5v3.4M8 11.9v.1',
  away: 'M3 3l10 10M5.5 12.5h6a2.5 2.5 0 0 0 1.6-4.4M4.2 7A3 3 0 0 0 4 12M6.8 4.2A4 4 0 0 1 11.6 7',
  maint: 'M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0M6.3 5.5v5M9.7 5.5v5',
  info: 'M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0M8 7.4v3.6M8 5v.1',
  up: 'M8 13.5v-11M3.5 7 8 2.5 12.5 7',
  down: 'M8 2.5v11M3.5 9 8 13.5 12.5 9',
  grid: 'M2 2.5h5v5H2ZM9.5 2.5h4.5v5H9.5ZM2 10h5v3.5H2ZM9.5 10h4.5v3.5H9.5Z',
  globe: 'M14.3 8A6.3 6.3 0 1 1 1.7 8a6.3 6.3 0 0 1 12.6 0M1.7 8h12.6M8 1.7c4.2 4 4.2 8.6 0 12.6C3.8 10.3 3.8 5.7 8 1.7Z',
  bell: 'M3 11.5h10c-1.2-1.2-1.4-2.5-1.4-4.7a3.6 3.6 0 0 0-7.2 0c0 2.2-.2 3.5-1.4 4.7ZM6.7 13.7h2.6',
  scale: 'M2 13.5h12M4 13V8M8 13V3.5M12 13V6',
  gear: 'M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M9 2.5v4h3v-4ZM4 9.5v4h3v-4Z',
  table: 'M2 3h12v10H2ZM2 6.5h12M6.5 6.5V13',
}

export type IconName = 'ok' | 'warn' | 'crit' | 'unk' | 'away' | 'maint' | 'info' | 'up' | 'down' | 'grid' | 'globe' | 'bell' | 'scale' | 'gear' | 'table' | 'theme'

export function Icon({ name, tone = '' }: { name: IconName; tone?: string }) {
  return (
    <svg class={`ic ${tone}`} aria-hidden="true">
      <use href={`#i-${name}`} />
    </svg>
  )
}

/** Stands once in the page; `Icon`, the disk bar and the legend refer to it. */
export function Sprite() {
  return (
    <svg class="vh" aria-hidden="true">
      <defs>
        <pattern id="p-hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="pb" width="4" height="4" />
          <rect class="pf" width="1.6" height="4" />
        </pattern>
        <pattern id="p-dots" width="4" height="4" patternUnits="userSpaceOnUse">
          <rect class="pb" width="4" height="4" />
          <circle class="pf" cx="2" cy="2" r="1" />
        </pattern>
      </defs>
      {Object.entries(PATHS).map(([name, d]) => (
        <symbol id={`i-${name}`} viewBox="0 0 16 16" key={name}>
          <path d={d} />
        </symbol>
      ))}
      <symbol id="i-crit" viewBox="0 0 16 16">
        <path d="M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2Z" fill="currentColor" />
        <path class="kn" d="M8 4.4v4.4M8 11.4v.1" />
      </symbol>
      <symbol id="i-unk" viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="6.5" stroke-dasharray="2.4 1.7" />
        <path d="M6.3 6.3a1.8 1.8 0 1 1 2.5 1.7c-.6.3-.8.6-.8 1.2M8 11.3v.1" />
      </symbol>
      <symbol id="i-theme" viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="6" />
        <path d="M8 2v12A6 6 0 0 0 8 2Z" fill="currentColor" />
      </symbol>
    </svg>
  )
}

export function Brand() {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true">
      <rect class="b1" x="1" y="2" width="18" height="4" rx="1.5" />
      <rect class="b2" x="1" y="8" width="12" height="4" rx="1.5" />
      <rect class="b3" x="1" y="14" width="15" height="4" rx="1.5" />
    </svg>
  )
}
