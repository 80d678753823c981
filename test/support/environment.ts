/**
 * The environment for programs under test: ours, without what would change how they behave.
 *
 * A developer may have settings of ringq or a password for redis-cli in the environment, or work in a
 * service of systemd; and the test runner's own variable would make a child report as if it were a
 * test file.
 */

const FOREIGN = /^(RINGQ_|REDISCLI_|NOTIFY_SOCKET$|WATCHDOG_|NODE_TEST_CONTEXT$)/;

/** A fresh copy, with these variables added. */
export function testEnvironment(
  added: Readonly<Record<string, string>> = {},
): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  return { ...Object.fromEntries(inherited), ...added };
}
