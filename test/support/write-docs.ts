/**
 * `npm run docs`: renews the documents, and the parts of documents, that are made from tables.
 *
 * Says what it did. A document without the markers is an error: somebody has removed them.
 */
import { generatedParts, write } from "./documents.ts";

for (const part of generatedParts) console.log(write(part));
