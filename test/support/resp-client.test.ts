/**
 * The raw client and the waiting helpers of the tests themselves.
 *
 * Every other test trusts them, so they are tested against a server that sends prescribed bytes.
 */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { delay, eventually, within } from "./eventually.ts";
import { plain } from "./reply.ts";
import { ConnectionClosed, RespClient } from "./resp-client.ts";

/** A connected client and the server's end of its connection. */
async function pair(t: TestContext): Promise<{ client: RespClient; peer: Socket }> {
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const client = await RespClient.connect({ port: address.port });
  const peer = await accepted;
  t.after(() => {
    client.close();
    peer.destroy();
    server.close();
  });
  return { client, peer };
}

test("replies of RESP2 and RESP3 keep their types", async (t) => {
  const { client, peer } = await pair(t);
  peer.write("+OK\r\n-ERR x\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n_\r\n#t\r\n,1.5\r\n");
  peer.write("%1\r\n+k\r\n*2\r\n:1\r\n$0\r\n\r\n");
  const replies = [];
  for (let i = 0; i < 10; i++) replies.push(await client.read());
  assert.deepEqual(replies, [
    { t: "+", v: "OK" },
    { t: "-", v: "ERR x" },
    { t: ":", v: -7 },
    { t: "$", v: "a\r\n" },
    { t: "nil", v: "$" },
    { t: "nil", v: "*" },
    { t: "nil", v: "_" },
    { t: "#", v: true },
    { t: ",", v: "1.5" },
    {
      t: "%",
      v: [
        { t: "+", v: "k" },
        {
          t: "*",
          v: [
            { t: ":", v: 1 },
            { t: "$", v: "" },
          ],
        },
      ],
    },
  ]);
  const last = replies[9];
  assert.ok(last);
  assert.deepEqual(plain(last), ["k", [1, ""]]);
});

test("bytes survive in both directions, split anywhere", async (t) => {
  const { client, peer } = await pair(t);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const received: Buffer[] = [];
  peer.on("data", (chunk) => received.push(chunk));
  client.send(["X", bytes, "\xff"]);
  await eventually(() => Buffer.concat(received).toString("latin1").endsWith("\xff\r\n"), {
    what: "the request arrives",
  });
  assert.ok(Buffer.concat(received).includes(bytes));
  const reply = client.read();
  for (const byte of Buffer.concat([Buffer.from("$256\r\n"), bytes, Buffer.from("\r\n")])) {
    peer.write(Buffer.from([byte]));
  }
  assert.deepEqual(await reply, { t: "$", v: bytes.toString("latin1") });
});

test("a large reply is put together from many chunks", async (t) => {
  const { client, peer } = await pair(t);
  const body = "x".repeat(3_000_000);
  peer.write(`*2\r\n$${body.length}\r\n${body}\r\n:1\r\n`);
  const reply = await client.read();
  assert.deepEqual(plain(reply), [body, 1]);
});

test("pipelined calls get their own replies, in order", async (t) => {
  const { client, peer } = await pair(t);
  const replies = Promise.all([client.call("A"), client.call("B")]);
  peer.write(":1\r\n:2\r\n");
  assert.deepEqual((await replies).map(plain), [1, 2]);
});

test("silence, data and the end of the connection are told apart", async (t) => {
  const { client, peer } = await pair(t);
  assert.equal(await client.silent(20), true);
  assert.equal(await client.closed(20), false);
  peer.write("+x\r\n");
  assert.equal(await client.silent(1000), false);
  assert.equal(client.unread, "+x\r\n");
  await client.read();
  peer.end();
  assert.equal(await client.closed(), true);
  assert.equal(await client.silent(20), false);
  await assert.rejects(client.read(), ConnectionClosed);
});

test("a missing reply is an error after the time", async (t) => {
  const { client } = await pair(t);
  await assert.rejects(client.read(20), /no reply within 20 ms/);
});

test("garbage is not a reply", async (t) => {
  const { client, peer } = await pair(t);
  peer.write("hello\r\n");
  await assert.rejects(client.read(), /not a reply/);
});

test("eventually returns the first truthy value, and names what never came", async () => {
  let calls = 0;
  const value = await eventually(
    () => {
      calls++;
      if (calls < 3) throw new Error("not yet");
      return calls < 4 ? 0 : calls;
    },
    { what: "four calls" },
  );
  assert.equal(value, 4);
  await assert.rejects(
    eventually(() => false, { what: "the impossible", deadlineMs: 30 }),
    /not within 30 ms: the impossible/,
  );
});

test("within fails when a promise takes too long", async () => {
  assert.equal(await within(Promise.resolve(1), 1000, "one"), 1);
  await assert.rejects(within(delay(60_000, { isUnref: true }), 20, "a minute"), /a minute/);
});
