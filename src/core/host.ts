/**
 * What the broker may ask of the world.
 *
 * The core decides and never touches a clock, a socket or a source of chance. Everything it needs
 * from outside comes through this interface, so that a simulation can replace the world by a seed
 * and thousands of simulated seconds pass in one real one.
 */

/**
 * The world as the core sees it. Both clocks are read at the beginning and the end of a turn; the
 * monotonic one may also move on in between, so that what follows a long command begins after it.
 */
export interface Host {
  /** Monotonic clock, whole milliseconds, >= 0. Leases, delays and expiry run on it. */
  readonly nowMs: number;
  /** Wall clock, whole milliseconds since 1970. Only for creation times and what people read. */
  readonly wallMs: number;
  /** 32 unpredictable bits as an unsigned integer. */
  randomWord(): number;
}
