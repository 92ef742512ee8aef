// Stops under a Node that wrangler refuses, before anything is asked or written.

/** The oldest major version of Node that wrangler supports. */
export const OLDEST_MAJOR = 22;

if (Number(process.version.match(/^v(\d+)\./)?.[1]) < OLDEST_MAJOR) {
  console.error(
    `Node ${process.version} is too old for wrangler. Install Node ${OLDEST_MAJOR} or newer: https://nodejs.org`,
  );
  process.exit(1);
}
