/**
 * Markup in TypeScript: htm's templates make preact's elements.
 *
 * What stands in `${}` becomes text or a property, never markup: names of queues and bodies of jobs
 * cannot become part of a page.
 */
import htm from "htm";
import { h, type VNode } from "preact";

/** A template's function; one element at its top. */
type Html = (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

// Its types say that it is a CommonJS module; what browsers get has a default export.
const makeHtml = htm as unknown as { bind(create: typeof h): Html };

/** A template. */
export const html = makeHtml.bind(h);
