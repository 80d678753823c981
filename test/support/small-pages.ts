/**
 * Small pages for the jobs of every broker in this process: importing this file is enough.
 *
 * A server takes memory for jobs in pages of 32 MB, for which V8 collects all garbage at every second one.
 * Tests make thousands of brokers with a handful of jobs each, and spent a third of their time on that.
 * With small pages they also fill several, and cross their borders, which large ones never showed them.
 */
import { limitPages } from "../../src/core/page-memory.ts";

const SMALL_PAGE_BYTES = 65_536;

limitPages(SMALL_PAGE_BYTES);
