// SPDX-License-Identifier: GPL-2.0-only
/*
 * One thread selects, a pool of four others reads, without Netty: the shape of Tomcat's
 * connector. Pool ROUNDS: a client asks on four connections, waits for the answers and
 * pauses for 100 ms. Says how many requests were read.
 */
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

public class Pool {
	static final int CLIENTS = 4;
	static final int SIZE = 100;
	static final int PAUSE_MS = 100;

	final Selector selector = Selector.open();
	final ServerSocketChannel server = ServerSocketChannel.open();
	final ExecutorService workers = Executors.newFixedThreadPool(4);
	/* Whose request has been answered, and who is to be selected again. */
	final Queue<SelectionKey> answered = new ConcurrentLinkedQueue<>();
	final AtomicInteger reads = new AtomicInteger();

	Pool() throws IOException {
		server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
		server.configureBlocking(false);
		server.register(selector, SelectionKey.OP_ACCEPT);
	}

	/* In a thread of the pool. */
	void serve(SelectionKey key) {
		SocketChannel channel = (SocketChannel) key.channel();
		ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);

		try {
			if (channel.read(buffer) < 0) {
				channel.close();
				return;
			}
			reads.incrementAndGet();
			buffer.flip();
			channel.write(buffer);
		} catch (IOException e) {
			throw new IllegalStateException(e);
		}
		answered.add(key);
		selector.wakeup();
	}

	void selected(SelectionKey key) throws IOException {
		if (key.isAcceptable()) {
			SocketChannel channel = server.accept();

			channel.configureBlocking(false);
			channel.register(selector, SelectionKey.OP_READ);
		} else {
			key.interestOps(0);
			workers.submit(() -> serve(key));
		}
	}

	/* In a thread of its own. */
	void select() {
		try {
			for (;;) {
				selector.select();
				for (SelectionKey key; (key = answered.poll()) != null;)
					key.interestOps(SelectionKey.OP_READ);
				for (SelectionKey key : selector.selectedKeys())
					selected(key);
				selector.selectedKeys().clear();
			}
		} catch (IOException e) {
			throw new IllegalStateException(e);
		}
	}

	void ask(int rounds) throws IOException, InterruptedException {
		Socket[] sockets = new Socket[CLIENTS];
		byte[] text = new byte[SIZE];

		for (int i = 0; i < CLIENTS; i++)
			sockets[i] = new Socket(InetAddress.getLoopbackAddress(),
						server.socket().getLocalPort());
		for (; rounds > 0; rounds--) {
			for (Socket s : sockets)
				s.getOutputStream().write(text);
			for (Socket s : sockets)
				s.getInputStream().readNBytes(text, 0, SIZE);
			Thread.sleep(PAUSE_MS);
		}
	}

	public static void main(String[] args) throws Exception {
		Pool pool = new Pool();
		Thread selecting = new Thread(pool::select, "select");

		selecting.setDaemon(true);
		selecting.start();
		pool.ask(Integer.parseInt(args[0]));
		System.out.println(pool.reads.get());
		System.exit(0);
	}
}
