declare module 'virtual:land' {
  /** Dots in a row. */
  export const across: number
  /** From north to south: start and length of each run of land. */
  export const rows: number[][]
}
