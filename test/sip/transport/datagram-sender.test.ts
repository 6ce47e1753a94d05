import { constants } from "node:os";
import t from "tap";
import { DatagramSender, MOST_WAITING } from "../../../ts/sip/transport/datagram-sender.js";
import { overUdp } from "../../support/fake-network.js";

const { EAGAIN, ECANCELED, EMSGSIZE, ENOBUFS } = constants.errno;
const to = overUdp({ address: "192.0.2.1", port: 5060 });
const octets = (nth: number): Uint8Array => Uint8Array.of(nth >> 8, nth & 0xff);

/** A socket that answers as it is told to, and everything it is asked for. */
function rig() {
  const socket = {
    answer: (_octets: Uint8Array): number => 0,
    sent: [] as Uint8Array[],
    asked: 0,
    send(octets: Uint8Array): number {
      const errno = this.answer(octets);
      if (errno === 0) this.sent.push(octets);
      return errno;
    },
    tellWritable(): void {
      this.asked += 1;
    },
  };
  const unsent: { octets: Uint8Array; errno: number }[] = [];
  const sender = new DatagramSender(socket, (octets, flow, errno) => {
    t.equal(flow, to);
    unsent.push({ octets, errno });
  });
  return { socket, unsent, sender };
}

t.test("what the system has no room for goes when it has, in its order", (t) => {
  for (const full of [EAGAIN, ENOBUFS]) {
    const { socket, unsent, sender } = rig();
    const all = [0, 1, 2, 3].map(octets);
    socket.answer = () => -full;
    for (const one of all.slice(0, 2)) sender.send(one, to);
    t.equal(socket.asked, 1, "asked once to be told");

    // Room again: who comes now must not pass those that wait.
    socket.answer = () => 0;
    sender.send(all[2] ?? octets(9), to);
    t.same(socket.sent, []);
    sender.writable();
    t.same(socket.sent, all.slice(0, 3));
    sender.send(all[3] ?? octets(9), to);
    t.same(socket.sent, all);
    t.same(unsent, []);
    t.equal(socket.asked, 1);
  }
  t.end();
});

t.test("room for some only: the rest waits on", (t) => {
  const { socket, sender } = rig();
  socket.answer = () => -EAGAIN;
  for (const nth of [0, 1, 2]) sender.send(octets(nth), to);
  socket.answer = (one) => (one[1] === 0 ? 0 : -EAGAIN);
  sender.writable();
  t.same(socket.sent, [octets(0)]);
  t.equal(socket.asked, 2);
  socket.answer = () => 0;
  sender.writable();
  t.same(socket.sent, [octets(0), octets(1), octets(2)]);
  t.end();
});

t.test("a limit to those that wait: beyond it a datagram fails, told with the very array", (t) => {
  const { socket, unsent, sender } = rig();
  socket.answer = () => -EAGAIN;
  for (let nth = 0; nth < MOST_WAITING; nth += 1) sender.send(octets(nth), to);
  const beyond = octets(MOST_WAITING);
  sender.send(beyond, to);
  t.same(unsent, [{ octets: beyond, errno: -ENOBUFS }]);
  t.equal(unsent[0]?.octets, beyond);
  socket.answer = () => 0;
  sender.writable();
  t.equal(socket.sent.length, MOST_WAITING);
  t.end();
});

t.test("one that can never be sent fails alone, also among those that wait", (t) => {
  const { socket, unsent, sender } = rig();
  socket.answer = () => -EAGAIN;
  for (const nth of [0, 1, 2]) sender.send(octets(nth), to);
  socket.answer = (one) => (one[1] === 1 ? -EMSGSIZE : 0);
  sender.writable();
  t.same(socket.sent, [octets(0), octets(2)]);
  t.same(unsent, [{ octets: octets(1), errno: -EMSGSIZE }]);
  t.end();
});

t.test("at its end it tries once more, and tells what is left", (t) => {
  const { socket, unsent, sender } = rig();
  socket.answer = () => -EAGAIN;
  for (const nth of [0, 1]) sender.send(octets(nth), to);
  socket.answer = (one) => (one[1] === 0 ? 0 : -EAGAIN);
  sender.end();
  t.same(socket.sent, [octets(0)]);
  t.same(unsent, [{ octets: octets(1), errno: -ECANCELED }]);
  t.end();
});
