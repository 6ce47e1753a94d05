// The telephones of a bench row.

const payloadTypes = { PCMU: 0, PCMA: 8, G722: 9, "iLBC/20": 97 };

/** All telephones share these few sockets; the server has a port for each. */
const FAR_SOCKETS = 8;
export const FAR_ADDRESS = "127.0.0.2";
const FIRST_FAR_PORT = 20000;

/**
 * `count` legs in groups of `groupSize`, whose members speak `formats` in turn. Without a group size nobody hears
 * anybody.
 */
export const legsOf = ({ count, groupSize, formats }) =>
  Array.from({ length: count }, (_, index) => {
    const format = formats[(groupSize === undefined ? index : index % groupSize) % formats.length];
    return {
      far: { address: FAR_ADDRESS, port: FIRST_FAR_PORT + 2 * (index % FAR_SOCKETS) },
      format,
      payloadType: payloadTypes[format],
      group: groupSize === undefined ? undefined : Math.floor(index / groupSize),
    };
  });

/** The generator's input: flow.hpp tells its columns. `places`: where each leg sends to. */
export const flowLines = (legs, places, ptime = 20) =>
  legs
    .map(({ far, format, payloadType, group = 0 }, index) => {
      const { address, port } = places[index];
      return `${[far.port, address, port, format, payloadType, ptime, group].join(" ")}\n`;
    })
    .join("");
