// SPDX-License-Identifier: GPL-2.0-only
// A server of Node. Each request of a byte keeps the loop for 25 ms; on "?" it answers
// with the milliseconds that Node says its loop was active, and ends the line.
const net = require("net");
const { performance } = require("perf_hooks");

function spin(ms) {
	for (const until = performance.now() + ms; performance.now() < until;)
		;
}

net.createServer((socket) => socket.on("data", (request) => {
	for (const byte of request.toString())
		if (byte === "?") {
			socket.write(performance.eventLoopUtilization().active.toFixed(3) + "\n");
		} else {
			spin(25);
			socket.write("!\n");
		}
})).listen(Number(process.argv[2]), "127.0.0.1");
