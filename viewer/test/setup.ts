/** What the modules touch of a browser when they are loaded; the tests are of their pure parts. */

const page = {
  location: { hash: '', pathname: '/', search: '' },
  document: { hidden: false, baseURI: 'http://localhost/', documentElement: { dataset: {} }, addEventListener: () => {} },
  addEventListener: () => {},
  matchMedia: () => ({ addEventListener: () => {} }),
}
Object.assign(globalThis, page)
